import type * as pulumi from "@pulumi/pulumi";
import { Enforcement, Placement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import type { AgentArgs } from "../args/agent";
import { anonymousIpSecretKeyKey } from "../settings/secretReference";
import { ComponentRefusal } from "../pulumi/refusal";
import { optionVariable } from "../agent/optionCatalogue";
import type { SidecarAgentArgs } from "../args/sidecar";

// Not a field of the component: Pulumi's schema analyzer takes every field of a component for an output.
const agents = new WeakMap<pulumi.ComponentResource, SidecarAgentArgs>();

/** Keeps the agent of a component with Sidecar placement for {@link sidecarAgentOf}. */
export function keepSidecarAgent(
  component: pulumi.ComponentResource,
  args: SigsciIstioIntegrationArgs,
  secretName: pulumi.Output<string>,
): void {
  if (args.placement !== Placement.Sidecar) {
    return;
  }
  const { existingSecret } = args.credentials;
  const { form, securityContext } = args.sidecar ?? {};
  agents.set(component, {
    form,
    securityContext,
    ...(args.enforcement === Enforcement.ExternalProcessing && { externalProcessing: true }),
    secret: existingSecret ?? { name: secretName },
    agent: containerArgs(args.agent ?? {}, secretName),
  });
}

/**
 * The agent of a component with Sidecar placement.
 *
 * @throws ComponentRefusal with any other placement, where no pod of an application has the agent.
 */
export function sidecarAgentOf(component: pulumi.ComponentResource): SidecarAgentArgs {
  const agent = agents.get(component);
  if (agent === undefined) {
    throw new ComponentRefusal(
      "sidecarAgent() needs placement Sidecar: with the others the agent runs in pods of its own.\n" +
        '    Set placement to "Sidecar".',
      component,
    );
  }
  return agent;
}

/** What concerns the container; the salt comes from the Secret, in which the component keeps it. */
function containerArgs(agent: AgentArgs, secretName: pulumi.Output<string>): AgentArgs {
  const { options, env } = agent;
  const { anonymousIpSecretKey, ...others } = options ?? {};
  const salt = {
    name: optionVariable("anonymous-ip-secret-key"),
    valueFrom: { secretKeyRef: { name: secretName, key: anonymousIpSecretKeyKey } },
  };
  return {
    ...agent,
    name: undefined,
    ...(options !== undefined && { options: others }),
    ...(anonymousIpSecretKey !== undefined && { env: [salt, ...(env ?? [])] }),
  };
}
