/**
 * What Envoy does to a path before anything is compared with it and the application sees it, as the mesh config names it.
 * Source: Istio, "Authorization Policy Normalization".
 */
export type PathNormalization = (typeof pathNormalizations)[number];

/** From the weakest on. */
export const pathNormalizations = ["NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"] as const;

/** Istio's default. */
export const defaultPathNormalization: PathNormalization = "BASE";
