import assert from "node:assert/strict";
import { parse } from "yaml";
import type { PlainObject } from "../../stack/apply";
import type { JudgeName, Subject } from "./finding";

/** A change for the worse of what the quick start renders, and who must see it. */
export interface Spoiled {
  readonly judge: JudgeName;
  readonly check: string;
  readonly spoil: (subjects: readonly Subject[]) => Subject[];
}

/** One change for each judge at least: each must be found, and nothing else because of it. */
export const spoiled: Readonly<Record<string, Spoiled>> = {
  "a misspelt field of Istio's": {
    judge: "kubeconform",
    check: "schema",
    spoil: inText("Telemetry", "accessLogging:", "accessLoging:"),
  },
  "a misspelt field deep in a pod template": {
    judge: "kubeconform",
    check: "schema",
    spoil: inText("Deployment", "secretKeyRef:", "secretKeyref:"),
  },
  "a value that Istio does not know": {
    judge: "kubeconform",
    check: "schema",
    spoil: inText("AuthorizationPolicy", "action: CUSTOM", "action: CUSTUM"),
  },
  "a key that is there twice": {
    judge: "kubeconform",
    check: "schema",
    spoil: inText("Service", "  type: ClusterIP", "  type: ClusterIP\n  type: ClusterIP"),
  },
  "an image without a fixed version": {
    judge: "kube-score",
    check: "container-image-tag",
    spoil: inText("Deployment", /image: (\S+):\S+/, "image: $1:latest"),
  },
  "a Service for no pod": {
    judge: "kube-score",
    check: "service-targets-pod",
    spoil: inText("Service", "    app: waf-agent\n  type", "    app: nobody\n  type"),
  },
  "a pod without a seccomp profile": {
    judge: "Monokle",
    check: "pod-security-standards/seccomp-strict",
    spoil: inText("Deployment", /\n +seccompProfile:\n.*/, ""),
  },
  "a container that may get more rights": {
    judge: "Monokle",
    check: "pod-security-standards/privilege-escalation",
    spoil: inText("Deployment", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
  },
  "a link to an account that is not there": {
    judge: "Monokle",
    check: "resource-links/no-missing-links",
    spoil: inText("Deployment", "serviceAccountName: waf-agent", "serviceAccountName: nobody"),
  },
  "a pod that may run as root": {
    judge: "Pod Security",
    check: "restricted",
    spoil: inText("Deployment", "runAsNonRoot: true", "runAsNonRoot: false"),
  },
};

/** Changes the text of the objects of a kind; the object is what the text then says. */
function inText(kind: string, what: string | RegExp, replacement: string): Spoiled["spoil"] {
  return (subjects) =>
    subjects.map((subject) => {
      if (subject.object.kind !== kind) {
        return subject;
      }
      const text = subject.text.replace(what, replacement);
      assert.notEqual(text, subject.text, "the change finds its place");
      // A key that is there twice is no YAML; the last one counts.
      const object = parse(text, { uniqueKeys: false }) as PlainObject; // it was one before the change
      return { object, text };
    });
}
