import * as pulumi from "@pulumi/pulumi";
import type { RunFacts } from "../kubernetes/kubeconfigSource";

/**
 * What the running program tells about its surroundings.
 *
 * @param component - The component.
 */
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
    startedByPulumi: isPulumiRunner(require.main?.filename ?? process.argv[1] ?? ""),
    explicitProvider: component.getProvider("kubernetes:core/v1:ConfigMap") !== undefined,
    rendersYaml: (await value("renderYamlToDirectory")) !== undefined,
    stackKubeconfig: await value("kubeconfig"),
    stackContext: await value("context"),
  };
}

/**
 * Whether a script is one with which the Pulumi CLI starts programs and packaged components.
 *
 * @param script - Path of the script that Node runs.
 */
export function isPulumiRunner(script: string): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run(-plugin)?([\\/]|$)/.test(script);
}
