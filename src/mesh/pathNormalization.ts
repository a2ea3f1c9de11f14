import * as pulumi from "@pulumi/pulumi";
import { textAt } from "../kubernetes/liveObject";
import { defaultPathNormalization, pathNormalizations } from "../settings/pathNormalization";
import type { PathNormalization } from "../settings/pathNormalization";
import type { MeshRead } from "./context";
import { readLenient } from "./text/lenientText";

/**
 * What the meshes that were read make of paths: of several the weakest. One that was not read, as with strategy Shared,
 * is taken for one with Istio's default.
 */
export function pathNormalizationOf(meshes: readonly MeshRead[]): pulumi.Output<PathNormalization> {
  return pulumi.all(meshes.map(({ text }) => text)).apply((texts) => {
    const found = texts.map((text) => {
      const given = textAt(readLenient(text), "pathNormalization", "normalization");
      return pathNormalizations.find((one) => one === given) ?? defaultPathNormalization;
    });
    return pathNormalizations.find((one) => found.includes(one)) ?? defaultPathNormalization;
  });
}
