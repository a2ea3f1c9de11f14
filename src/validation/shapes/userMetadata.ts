import { isReservedLabel } from "../../agent/metadata";
import { labelValue } from "../../kubernetes/syntax";
import { input, map, secretText, text, unshown } from "../shape";
import { keyReason } from "./labelKey";

/** Shape of labels of objects that the component creates. */
export const userLabels = map(
  input(text(labelValue, "Use a valid Kubernetes label value.", "shop")),
  text(
    (key) => (isReservedLabel(key) ? "the component needs this label itself" : keyReason(key)),
    "Use another label key.",
  ),
);

/** Shape of annotations of objects that the component creates; a value may be a secret, and so may a text in place of them. */
export const annotationsShape = unshown(
  map(input(secretText()), text(keyReason, "Use a valid Kubernetes annotation key.")),
);
