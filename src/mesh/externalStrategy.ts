import * as pulumi from "@pulumi/pulumi";
import { printable } from "../pulumi/printable";
import { knownOrUndefined } from "../pulumi/inputs";
import { beforeRead } from "../kubernetes/beforeRead";
import { textAt } from "../kubernetes/liveObject";
import { answered } from "../pulumi/mockedProviders";
import { onBehalfOf } from "../pulumi/refusal";
import { isStandIn } from "../kubernetes/standIn";
import { compareProviders, presentProviders } from "./text/comparison";
import type { ExtensionProvider } from "./extensionProvider";
import { liveText, readConfigMap } from "./liveConfigMap";
import type { MeshEditContext, MeshRead } from "./context";
import { MeshRefusal } from "./planMeshEdit";
import type { MeshConfigMapSettings, MeshSettings } from "../settings/mesh";

/** A mesh ConfigMap that somebody else writes. */
export interface CheckedMesh extends MeshRead {
  /** Rejects when a policy would refuse requests. */
  plan: pulumi.Output<unknown>;
}

/** A mesh ConfigMap as it was read. */
interface ExternalMesh {
  /** `<namespace>/<name>`. */
  id: string;
  text: string | undefined;
  /** Whether refusing would be wrong: a preview, or a text that only stands in for the live one. */
  isTentative: boolean;
}

/**
 * Reads each mesh ConfigMap, which somebody else writes, and says what it lacks. A preview warns, since the providers
 * may get there in the same change; an update stops before it creates a policy that would refuse requests.
 *
 * @returns one for each ConfigMap.
 */
export function checkExternalMesh(context: MeshEditContext, settings: MeshSettings): CheckedMesh[] {
  return settings.configMaps.map((one) => checkOne(context, settings, one));
}

function checkOne(
  context: MeshEditContext,
  settings: MeshSettings,
  target: MeshConfigMapSettings,
): CheckedMesh {
  const { component, name, providers, teardown, reader } = context;
  const id = pulumi.interpolate`${settings.istioNamespace}/${target.name}`;
  const asked = beforeRead(reader, "configmaps", id);
  const live = readConfigMap(`${name}-mesh-${target.key}-live`, asked, { parent: component });
  // In a preview, what a read does not find is not known.
  const data = knownOrUndefined(live.data);
  const plan = pulumi.all([id, data, live.metadata, providers]).apply(([where, found, metadata, meant]) => {
    const isTentative = pulumi.runtime.isDryRun() || isStandIn(metadata);
    const mesh: ExternalMesh = { id: where, text: liveText(found), isTentative };
    if (teardown) {
      void pulumi.log.info(whatToTakeOut(mesh, meant), component);
    } else {
      answered(component, metadata, `the ConfigMap ${where}`);
      onBehalfOf(component, () => {
        judge(component, mesh, meant);
      });
    }
    return true;
  });
  return {
    plan,
    configMap: id,
    text: pulumi.all([data, live.metadata]).apply(([found]) => liveText(found) ?? ""),
    uid: live.metadata.apply((metadata) => textAt(metadata, "uid")),
  };
}

function judge(
  component: pulumi.Resource,
  mesh: ExternalMesh,
  providers: readonly ExtensionProvider[],
): void {
  const { refusals, warnings } = compareProviders(mesh.text, providers);
  const configMap = `Mesh configuration in ConfigMap ${mesh.id}`;
  for (const warning of warnings) {
    void pulumi.log.warn(printable(`${configMap}: ${warning}`), component);
  }
  if (refusals.length === 0) {
    return;
  }
  const remedy =
    "Put the entries of the output `helmValuesYaml` or `istioOperatorYaml` into the values of your Istio " +
    "installation and roll it out first.";
  if (!mesh.isTentative) {
    throw new MeshRefusal(mesh.id, `${refusals.join("; ")}.`, remedy);
  }
  void pulumi.log.warn(
    printable(
      `${configMap}: ${refusals.join("; ")}. \`pulumi up\` stops here as long as it is so.\n    ${remedy}`,
    ),
    component,
  );
}

function whatToTakeOut({ id, text }: ExternalMesh, providers: readonly ExtensionProvider[]): string {
  const present = presentProviders(text, providers);
  return present.length > 0
    ? `${id}: once this update is done, take ${present.join(" and ")} out of \`meshConfig.extensionProviders\` in the ` +
        "values of your Istio installation. `pulumi destroy` may follow at any time."
    : `${id}: nothing of this component is left. \`pulumi destroy\` may follow.`;
}
