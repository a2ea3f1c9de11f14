import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { printable } from "../../pulumi/printable";
import { isDeferred, knownOrUndefined } from "../../pulumi/inputs";
import { beforeRead } from "../../kubernetes/beforeRead";
import { outputsOfOthers } from "../../kubernetes/foreignObject";
import { ComponentRefusal } from "../../pulumi/refusal";
import { stackName } from "../../pulumi/stackName";
import { isStandIn } from "../../kubernetes/standIn";
import type { MeshEditContext } from "../context";
import { MeshRefusal } from "../planMeshEdit";
import type { IstiodSettings, MeshSettings } from "../../settings/mesh";
import { judgeIstiod } from "./sharedVariable";

/**
 * Reads each istiod and makes sure that it reads the shared ConfigMap. A program that installs Istio itself may be
 * about to set the variable, so its preview warns; everybody else is refused in the preview already.
 *
 * @returns rejects when an istiod does not read the ConfigMap.
 */
export function checkIstiods(context: MeshEditContext, settings: MeshSettings): pulumi.Output<unknown> {
  // In teardown nothing depends on the providers any more.
  return pulumi.all(context.teardown ? [] : settings.istiods.map((one) => checkOne(context, settings, one)));
}

function checkOne(
  { component, name, reader }: MeshEditContext,
  settings: MeshSettings,
  istiod: IstiodSettings,
): pulumi.Output<true> {
  const id = pulumi.interpolate`${settings.istioNamespace}/${istiod.name}`;
  const asked = beforeRead(reader, "deployments", id);
  const live = k8s.apps.v1.Deployment.get(`${name}-istiod-${istiod.key}-live`, asked, {
    parent: component,
    additionalSecretOutputs: outputsOfOthers,
  });
  const shared = settings.sharedConfigMapName;
  const stack = stackName();
  const judged = pulumi
    .all([id, reader.awaited, live.metadata, live.spec, knownOrUndefined(live.status)])
    .apply(([where, awaited, metadata, spec, status]) => {
      const finding = judgeIstiod({ metadata, spec, status }, shared, stack);
      if (finding === undefined) {
        return true;
      }
      const { refused, reason, remedy } = finding;
      const installsIstio = awaited.length > 0 || isDeferred(settings.istioNamespace);
      const mayChange = installsIstio && pulumi.runtime.isDryRun();
      if (refused && !mayChange && !isStandIn(metadata)) {
        const { message } = new MeshRefusal(shared, `Deployment ${where} of istiod: ${reason}`, remedy);
        throw new ComponentRefusal(message, component);
      }
      const stop = refused ? " `pulumi up` stops here unless it sets the variable first." : "";
      void pulumi.log.warn(
        printable(`Deployment ${where} of istiod: ${reason}${stop}\n    ${remedy}`),
        component,
      );
      return true;
    });
  return pulumi.unsecret(judged).apply(() => true as const);
}
