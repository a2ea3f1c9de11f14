import { agentProblems } from "./validation/agentProblems";
import { allProblems } from "./validation/allProblems";
import type { SigsciIstioIntegrationArgs } from "./args/integration";
import { definitionsOf } from "./mesh/providerDefinitions";
import type { ExtensionProviderDefinitions } from "./mesh/providerDefinitions";
import { inspectionProblems } from "./validation/inspectionProblems";
import { meshProblems } from "./validation/meshProblems";
import { meshProviders } from "./mesh/componentProviders";
import { Refusal } from "./pulumi/refusal";
import { defaultNamespace, integrationSettings } from "./settings/integration";
import { nameProblems, refuseMissingName } from "./validation";
import { describeProblems } from "./validation/problem";
import type { ArgumentProblem } from "./validation/problem";
import { sharedShape } from "./validation/shapes/integration";

/** The arguments of the component that the providers depend on, with the same names and defaults. */
export interface ExtensionProviderDefinitionsArgs extends Pick<
  SigsciIstioIntegrationArgs,
  "placement" | "agent" | "inspection" | "mesh"
> {
  /**
   * Namespace of the agent: plain here, as it is part of the providers.
   *
   * @default "sigsci"
   */
  namespace?: string;
}

/**
 * The providers that a component will need in the mesh configuration, before there is the component: for programs that
 * install Istio themselves and give them to it as values, with `MeshConfigStrategy.External`.
 *
 * @example
 * ```ts
 * const shared = { inspection: { timeout: "300ms" }, mesh: { strategy: MeshConfigStrategy.External } };
 * const { helmValues } = extensionProviderDefinitions("waf", shared);
 * const istiod = new k8s.helm.v3.Release("istiod", { chart: "istiod", values: helmValues });
 * new SigsciIstioIntegration("waf", { ...shared, credentials, targets }, { dependsOn: istiod });
 * ```
 *
 * @param name - Logical name of the component; the providers are named after it.
 * @param args - The arguments that the component gets too.
 * @throws Refusal when an argument is refused.
 */
export function extensionProviderDefinitions(
  name: string,
  args: ExtensionProviderDefinitionsArgs = {},
): ExtensionProviderDefinitions {
  const subject = "extensionProviderDefinitions";
  refuseMissingName(subject, name);
  const problems = definitionProblems(name, args);
  if (problems.length > 0) {
    throw new Refusal(describeProblems(`${subject} "${name}"`, problems));
  }
  const settings = integrationSettings(name, withoutRest(args));
  return definitionsOf(meshProviders(settings, args.namespace ?? defaultNamespace));
}

/** What the component also needs has no part in the providers. */
function withoutRest(args: ExtensionProviderDefinitionsArgs): SigsciIstioIntegrationArgs {
  const { placement, agent, inspection, mesh, namespace } = args;
  return { placement, agent, inspection, mesh, namespace, credentials: {}, targets: [] };
}

function definitionProblems(name: string, args: ExtensionProviderDefinitionsArgs): ArgumentProblem[] {
  return [
    ...nameProblems(name),
    ...allProblems<ExtensionProviderDefinitionsArgs>(
      args,
      (given) => sharedShape(given, ""),
      ({ agent, inspection = {}, mesh = {}, namespace = defaultNamespace }) => [
        ...(typeof namespace === "string"
          ? []
          : [
              {
                path: "namespace",
                reason: "it must be a plain value here",
                remedy: "Do not pass an Output.",
              },
            ]),
        ...agentProblems(name, agent, "agent"),
        ...inspectionProblems(inspection, "inspection"),
        ...meshProblems(name, mesh),
      ],
    ),
  ];
}
