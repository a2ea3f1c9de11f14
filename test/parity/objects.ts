import type { SigsciIstioIntegrationArgs } from "../../src";
import { isRecord } from "../../src/pulumi/inputs";
import { reveal } from "../../src/offline/recording";
import type { RecordOptions } from "../../src/offline/recording";
import { named, recordComponent } from "../component/program";
import { added } from "./differences";
import type { Difference } from "./differences";
import { field } from "./guide";

/** An object of the component `waf`, secrets in plain text. */
export async function rendered(
  name: string,
  args: Partial<SigsciIstioIntegrationArgs> = {},
  options: RecordOptions = {},
): Promise<unknown> {
  return reveal(named(await recordComponent(args, options), name).inputs);
}

/** The pod of the agent's Deployment. */
export async function agentPod(args: Partial<SigsciIstioIntegrationArgs> = {}): Promise<unknown> {
  return field(await rendered("waf-deployment", args), "spec", "template", "spec");
}

/** The agent's container in its Deployment. */
export async function agentContainer(args: Partial<SigsciIstioIntegrationArgs> = {}): Promise<unknown> {
  return field(await agentPod(args), "containers", 0);
}

/** Some fields of an object. */
export function fields(value: unknown, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, field(value, name)]));
}

/** Names of the fields of an object. */
export function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** The item of a list that has a name. */
export function item(list: unknown, name: string): unknown {
  return Array.isArray(list) ? list.find((one: unknown) => field(one, "name") === name) : undefined;
}

/** The variables of a container, by name. */
export function variables(container: unknown): Record<string, unknown> {
  const list = field(container, "env");
  return Object.fromEntries(
    (Array.isArray(list) ? list : []).map((one: unknown) => [String(field(one, "name")), one]),
  );
}

/** The recommended labels that all objects carry. */
export function recommendedLabels(
  instance: string,
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    "app.kubernetes.io/name": "sigsci-agent",
    "app.kubernetes.io/instance": instance,
    "app.kubernetes.io/part-of": "sigsci-istio",
    "app.kubernetes.io/managed-by": "pulumi",
    ...more,
  };
}

/** Metadata that the objects of a target have beyond the guide's; the namespace is the last. */
export function targetMetadata(target: string, namespace: string): Difference[][] {
  const annotations = {
    "pulumi-sigsci-istio/component": "waf",
    "pulumi-sigsci-istio/target": target,
  };
  return [
    added("metadata", { labels: recommendedLabels("waf-agent") }, "Kubernetes' recommended labels"),
    added("metadata", { annotations }, "by which it is found: component and target"),
    added("metadata", { namespace }, "written out; the guide gives it to `kubectl`"),
  ];
}
