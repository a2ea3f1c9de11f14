import { isReservedLabel } from "../../agent/metadata";
import { Enforcement, Placement } from "../../args/integration";
import type { SigsciIstioIntegrationArgs } from "../../args/integration";
import { dnsLabel, labelValue } from "../../kubernetes/syntax";
import { flag, input, list, map, object, oneOf, text, unshown } from "../shape";
import type { Shape } from "../shape";
import { agentShape } from "./agent";
import { credentialsShape } from "./credentials";
import { envoyFilterShape } from "./envoyFilter";
import { inspectionShape } from "./inspection";
import { keyReason } from "./labelKey";
import { meshShape } from "./mesh";
import { preflightShape } from "./preflight";
import { sidecarShape } from "./sidecar";
import { targetShape } from "./targets";

const fields: Record<keyof SigsciIstioIntegrationArgs, Shape> = {
  namespace: input(text(dnsLabel, "Give a valid Kubernetes namespace.", "sigsci")),
  createNamespace: flag,
  credentials: credentialsShape,
  agent: agentShape,
  inspection: inspectionShape,
  mesh: meshShape,
  targets: list(targetShape),
  placement: oneOf({ Placement }),
  sidecar: sidecarShape,
  enforcement: oneOf({ Enforcement }),
  envoyFilter: envoyFilterShape,
  labels: map(
    input(text(labelValue, "Use a valid Kubernetes label value.", "shop")),
    text(
      (key) => (isReservedLabel(key) ? "the component needs this label itself" : keyReason(key)),
      "Use another label key.",
    ),
  ),
  annotations: unshown(map(input(text()), text(keyReason, "Use a valid Kubernetes annotation key."))),
  preflight: preflightShape,
  teardown: flag,
};

/** Shape of the component's arguments. */
export const integrationShape = object<SigsciIstioIntegrationArgs>({
  fields,
  required: ["credentials", "targets"],
});

/** Shape of those of them that a program gives before there is the component. */
export const sharedShape = object<SigsciIstioIntegrationArgs>({ fields, example: ["mesh"] });

/** The arguments in the order in which what is wrong with them is told. */
export const argumentNames = Object.keys(fields);
