import { parse } from "yaml";
import { isRecord } from "../pulumi/inputs";

/**
 * Annotation of a pod with settings of its proxy, as YAML.
 *
 * Source: Istio, "Resource Annotations".
 */
export const proxyConfigAnnotation = "proxy.istio.io/config";

/** What becomes of the annotation of a pod template. */
export interface ProxyConfigPlan {
  /** Its value, where it is written. */
  value?: string;
  /** Whether somebody else's is there, which does not expose the counters. */
  isForeign?: true;
}

/**
 * Decides about the annotation that makes a proxy expose its counters of checks. One of somebody else stays as it is.
 *
 * @param live - The value that is there.
 * @param wanted - The value with the counters, as `proxyStatsYaml` gives it.
 */
export function planProxyConfig(live: string | undefined, wanted: string): ProxyConfigPlan {
  const [there, ours] = [regexpsIn(live), regexpsIn(wanted)];
  if (live === undefined || live === wanted || isEarlier(live, there, ours)) {
    return { value: wanted };
  }
  return ours.every((one) => there.includes(one)) ? {} : { isForeign: true };
}

/** Whether it is ours, from before the agent was asked over another cluster: only the name of that differs. */
function isEarlier(live: string, there: readonly string[], ours: readonly string[]): boolean {
  return (
    Object.keys(recordIn(live)).length === 1 &&
    there.length === ours.length &&
    there.filter((one) => !ours.includes(one)).length === 1
  );
}

function regexpsIn(text: string | undefined): string[] {
  const { proxyStatsMatcher } = recordIn(text);
  const found = isRecord(proxyStatsMatcher) ? proxyStatsMatcher.inclusionRegexps : undefined;
  return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
}

function recordIn(text: string | undefined): Record<string, unknown> {
  try {
    const known: unknown = parse(text ?? "");
    return isRecord(known) ? known : {};
  } catch {
    // Istio would refuse it too; that is not for us to say.
    return {};
  }
}
