import * as pulumi from "@pulumi/pulumi";
import type { PreflightArgs } from "../args/preflight";
import { mainScript } from "../pulumi/componentHost";

/** What decides whether preflight may look, and with which kubeconfig. */
export interface RunFacts {
  /** Whether Pulumi itself started the program, so that program and providers have one environment. */
  startedByPulumi: boolean;
  /** Whether the component has an explicit Kubernetes provider. */
  explicitProvider: boolean;
  /** Whether the default provider writes files and needs no cluster (`kubernetes:renderYamlToDirectory`). */
  rendersYaml: boolean;
  /** Stack configuration `kubernetes:kubeconfig`. */
  stackKubeconfig: string | undefined;
  /** Stack configuration `kubernetes:context`. */
  stackContext: string | undefined;
}

/** Where preflight looks. */
export interface PreflightSource {
  /** Contents or path of a kubeconfig; undefined for the one of the environment. */
  kubeconfig: string | undefined;
  /** Context; undefined for the current one. */
  context: string | undefined;
  /** Whether it looks only once the cluster is known to be that of Pulumi's own provider. */
  needsProof: boolean;
  /** Whether its user is known to be the one with whom Pulumi's own provider writes. */
  sameUser: boolean;
}

/** Why preflight does not look; undefined when nothing needs to be said. */
export interface NoSource {
  /** The reason, with the way out. */
  reason: string | undefined;
}

/**
 * Decides where preflight looks. Credentials that nobody gave to this stack are used only where Pulumi's own provider
 * uses the same ones.
 */
export function preflightSource(
  args: Omit<PreflightArgs, "kubeconfig"> & { kubeconfig?: string },
  run: RunFacts,
): PreflightSource | NoSource {
  if (args.enabled === false || run.rendersYaml) {
    return { reason: undefined };
  }
  if (args.kubeconfig !== undefined) {
    return { kubeconfig: args.kubeconfig, context: args.context, needsProof: false, sameUser: false };
  }
  const asked = args.enabled === true;
  if (run.explicitProvider && !asked) {
    return {
      reason:
        "an explicit Kubernetes provider is in use, whose cluster may be another one than that of the environment. " +
        "Give `preflight.kubeconfig`, or say `preflight: { enabled: false }`.",
    };
  }
  const ofStack = run.explicitProvider ? undefined : run.stackKubeconfig;
  if (ofStack === undefined && !asked && !run.startedByPulumi) {
    // A program of the Automation API may give its engine another environment than its own.
    return { reason: undefined };
  }
  return {
    kubeconfig: ofStack,
    context: args.context ?? (run.explicitProvider ? undefined : run.stackContext),
    needsProof: run.explicitProvider || !asked,
    sameUser:
      !run.explicitProvider &&
      (ofStack !== undefined || run.startedByPulumi) &&
      (args.context === undefined || args.context === run.stackContext),
  };
}

/** What the running program tells about its surroundings. */
export async function runFacts(component: pulumi.ComponentResource): Promise<RunFacts> {
  const config = new pulumi.Config("kubernetes");
  const value = async (key: string): Promise<string | undefined> => {
    const output = config.getSecret(key);
    // Stack configuration is always known; the SDK has the promise, but does not declare it.
    const { promise } = (output ?? {}) as { promise?: () => Promise<string> };
    const text = await promise?.call(output);
    return text === "" ? undefined : text;
  };
  return {
    startedByPulumi: isPulumiRunner(mainScript()),
    explicitProvider: component.getProvider("kubernetes:core/v1:ConfigMap") !== undefined,
    rendersYaml: (await value("renderYamlToDirectory")) !== undefined,
    stackKubeconfig: await value("kubeconfig"),
    stackContext: await value("context"),
  };
}

/** Whether a script is one with which the Pulumi CLI starts programs and packaged components. */
export function isPulumiRunner(script: string): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run(-plugin)?([\\/]|$)/.test(script);
}
