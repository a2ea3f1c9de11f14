import pc from "picocolors";

/** Functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof pc.createColors>;

/** Colours, if wanted. */
export function createColors(enabled: boolean): Colors {
  return pc.createColors(enabled);
}
