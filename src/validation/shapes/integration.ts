import { Enforcement, Placement } from "../../args/integration";
import type { SigsciIstioIntegrationArgs } from "../../args/integration";
import { dnsLabel } from "../../kubernetes/syntax";
import { flag, input, list, object, oneOf, text } from "../shape";
import type { Shape } from "../shape";
import { agentShape } from "./agent";
import { credentialsShape } from "./credentials";
import { envoyFilterShape } from "./envoyFilter";
import { externalProcessingShape } from "./externalProcessing";
import { inspectionShape } from "./inspection";
import { meshShape } from "./mesh";
import { observabilityShape } from "./observability";
import { preflightShape } from "./preflight";
import { sidecarShape } from "./sidecar";
import { targetShape } from "./targets";
import { annotationsShape, userLabels } from "./userMetadata";

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
  externalProcessing: externalProcessingShape,
  labels: userLabels,
  annotations: annotationsShape,
  observability: observabilityShape,
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
