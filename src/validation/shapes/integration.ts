import { isReservedLabel } from "../../agent/metadata";
import { Enforcement, Placement } from "../../args/integration";
import type { SigsciIstioIntegrationArgs } from "../../args/integration";
import { SidecarForm } from "../../args/sidecar";
import type { SidecarPlacementArgs } from "../../args/sidecar";
import { dnsLabel, labelKey, labelValue } from "../../kubernetes/syntax";
import { flag, input, kubernetesObject, list, map, object, oneOf, text } from "../shape";
import type { Shape } from "../shape";
import { agentShape } from "./agent";
import { credentialsShape } from "./credentials";
import { envoyFilterShape } from "./envoyFilter";
import { inspectionShape } from "./inspection";
import { meshShape } from "./mesh";
import { preflightShape } from "./preflight";
import { targetShape } from "./targets";

const fields: Record<keyof SigsciIstioIntegrationArgs, Shape> = {
  namespace: input(text(dnsLabel, "Give a valid Kubernetes namespace.")),
  createNamespace: flag,
  credentials: credentialsShape,
  agent: agentShape,
  inspection: inspectionShape,
  mesh: meshShape,
  targets: list(targetShape),
  placement: oneOf(Placement),
  sidecar: object<SidecarPlacementArgs>({
    fields: { form: oneOf(SidecarForm), securityContext: input(kubernetesObject) },
  }),
  enforcement: oneOf(Enforcement),
  envoyFilter: envoyFilterShape,
  labels: map(
    input(text(labelValue, "Use a valid Kubernetes label value.")),
    text(
      (key) => (isReservedLabel(key) ? "the component needs this label itself" : labelKey(key)),
      "Use another label key.",
    ),
  ),
  annotations: map(input(text()), text(labelKey, "Use a valid Kubernetes annotation key.")),
  preflight: preflightShape,
  teardown: flag,
};

/** Shape of the component's arguments. */
export const integrationShape = object<SigsciIstioIntegrationArgs>({
  fields,
  required: ["credentials", "targets"],
});

/** The arguments in the order in which what is wrong with them is told. */
export const argumentNames = Object.keys(fields);
