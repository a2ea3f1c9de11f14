import { isReservedLabel } from "../../agent/metadata";
import { labelValue } from "../../kubernetes/syntax";
import { input, map, text, unshown } from "../shape";
import { keyReason } from "./labelKey";

/** Shape of labels of objects that the component creates. */
export const userLabels = map(
  input(text(labelValue, "Use a valid Kubernetes label value.", "shop")),
  text(
    (key) => (isReservedLabel(key) ? "the component needs this label itself" : keyReason(key)),
    "Use another label key.",
  ),
);

/** Shape of annotations of objects that the component creates; in place of them a text may be a secret. */
export const annotationsShape = unshown(
  map(input(text()), text(keyReason, "Use a valid Kubernetes annotation key.")),
);
