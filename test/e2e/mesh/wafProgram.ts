import type { PulumiFn } from "@pulumi/pulumi/automation";
import type { SigsciIstioIntegrationArgs } from "../../../src";
import type { PackedProject } from "../stack/packed";

/** Arguments that a test changes between two runs. */
export type WafArgs = Partial<SigsciIstioIntegrationArgs>;

/**
 * The quick start as an inline program; its output is the list that it wants in `extensionProviders`.
 *
 * @param project - The scratch project with the packed package.
 * @param args - What differs from the quick start; read anew at each run.
 * @param name - Logical name of the component.
 */
export function wafProgram(project: PackedProject, args: () => WafArgs, name = "waf"): PulumiFn {
  // `require` does not know the types; the package is packed from the sources that they are taken from.
  const { SigsciIstioIntegration } = project.require("pulumi-sigsci-istio") as typeof import("../../../src");
  return () => {
    const waf = new SigsciIstioIntegration(name, {
      credentials: { site: "shop-prod", accessKeyId: "access", secretAccessKey: "secret" },
      targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
      ...args(),
    });
    return Promise.resolve({ extensionProviders: waf.extensionProviders });
  };
}

/** The same of one of several teams on a mesh: a component of its name, with namespaces of its own. */
export function teamProgram(project: PackedProject, team: { name: string; args: WafArgs }): PulumiFn {
  const { name } = team;
  return wafProgram(
    project,
    () => ({
      namespace: `${name}-waf`,
      targets: [{ name: "web", namespace: name, matchLabels: { app: "web" } }],
      ...team.args,
    }),
    name,
  );
}
