import { injectionKey, isReservedLabel } from "../../agent/metadata";
import type { AgentArgs } from "../../args/agent";
import { dnsSubdomain, labelValue } from "../../kubernetes/syntax";
import { input, list, map, secretText, text, unshown } from "../shape";
import type { Shape } from "../shape";
import { keyReason } from "./labelKey";
import { affinityShape, podSecurityContextShape, tolerationShape } from "./kubernetes";

const objectName = input(text(dnsSubdomain, "Give the name of an existing object, in lower case.", "sigsci"));

const value = input(
  text(labelValue, "Write a label value: up to 63 letters, digits, hyphens, underscores and dots.", "waf"),
);

/** A key of the user's own, which is none of those that the component sets. */
function key(isReserved: (name: string) => boolean): Shape {
  const syntax = text(keyReason, 'Write a key such as "team" or "example.com/team".');
  return (name, path) =>
    typeof name === "string" && isReserved(name)
      ? [
          {
            path,
            reason:
              "the component sets it itself: the agent's pods are found, and kept out of the mesh, by it",
            remedy: "Remove it, or use a key of your own.",
          },
        ]
      : syntax(name, path);
}

/** The agent's arguments that are passed on to its pods as they are. */
export const podFields = {
  serviceAccountName: objectName,
  imagePullSecrets: list(objectName),
  priorityClassName: objectName,
  nodeSelector: map(
    value,
    key(() => false),
  ),
  tolerations: list(input(tolerationShape)),
  affinity: input(affinityShape),
  podSecurityContext: input(podSecurityContextShape),
  podLabels: map(value, key(isReservedLabel)),
  podAnnotations: unshown(
    map(
      input(secretText()),
      key((name) => name === injectionKey),
    ),
  ),
} satisfies Partial<Record<keyof AgentArgs, Shape>>;
