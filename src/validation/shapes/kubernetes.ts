import type { types } from "@pulumi/kubernetes";
import { quantityProblems } from "../resourceProblems";
import { define } from "../defineShape";
import { formOf } from "../form";
import { checked, flag, input, like, list, map, number, object, text } from "../shape";
import { isRecord } from "../../pulumi/inputs";
import type { Shape } from "../shape";

/*
 * Objects of Kubernetes itself. A field that this package does not know may be one of a newer Kubernetes: it is refused
 * when it looks misspelt, and warned of otherwise.
 */

const anything: Shape = () => [];
const word = input(text());
const wordLike = (example: string): Shape => input(text(() => undefined, "", example));
/** A word that is never meant alone, in place of the object. */
const policy: Shape = (value, path) => word(value, path);
/** An object or a list whose inside is left to the API server. */
const some = (example: object): Shape =>
  input(
    Array.isArray(example)
      ? list(Object.assign(() => [], { forms: () => example.map(formOf) }))
      : define({ expected: "an object", is: isRecord, check: () => [], forms: () => [formOf(example)] }),
  );
const whole = input(number());
const truth = input(flag);

const seccompProfile = input(
  object<types.input.core.v1.SeccompProfile>({
    fields: { type: wordLike("RuntimeDefault"), localhostProfile: word },
    example: ["type"],
    open: true,
  }),
);

/** Shape of a toleration. */
export const tolerationShape = object<types.input.core.v1.Toleration>({
  fields: {
    key: wordLike("dedicated"),
    operator: wordLike("Exists"),
    value: word,
    effect: word,
    tolerationSeconds: whole,
  },
  example: ["key", "operator"],
  open: true,
});

const sameNode = { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "kubernetes.io/hostname" };
const podTerms = input(
  object<types.input.core.v1.PodAffinity>({
    fields: {
      requiredDuringSchedulingIgnoredDuringExecution: some([sameNode]),
      preferredDuringSchedulingIgnoredDuringExecution: some([{ weight: 1, podAffinityTerm: sameNode }]),
    },
    example: ["requiredDuringSchedulingIgnoredDuringExecution"],
    open: true,
  }),
);

const onLinux = { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] };
const nodeTerms = input(
  object<types.input.core.v1.NodeAffinity>({
    fields: {
      requiredDuringSchedulingIgnoredDuringExecution: some({ nodeSelectorTerms: [onLinux] }),
      preferredDuringSchedulingIgnoredDuringExecution: some([{ weight: 1, preference: onLinux }]),
    },
    example: ["requiredDuringSchedulingIgnoredDuringExecution"],
    open: true,
  }),
);

/** Shape of an affinity. */
export const affinityShape = object<types.input.core.v1.Affinity>({
  fields: { nodeAffinity: nodeTerms, podAffinity: podTerms, podAntiAffinity: podTerms },
  example: ["nodeAffinity"],
  open: true,
});

/** Shape of an environment variable, without what its value may be. */
export const envVarShape = object<types.input.core.v1.EnvVar>({
  fields: {
    name: wordLike("HTTPS_PROXY"),
    value: word,
    valueFrom: input(
      object<types.input.core.v1.EnvVarSource>({
        fields: {
          configMapKeyRef: some({ name: "proxy", key: "url" }),
          fieldRef: some({ fieldPath: "status.hostIP" }),
          fileKeyRef: some({ volumeName: "files", path: "proxy.env", key: "URL" }),
          resourceFieldRef: some({ resource: "limits.cpu" }),
          secretKeyRef: some({ name: "proxy", key: "url" }),
        },
        example: ["secretKeyRef"],
        open: true,
      }),
    ),
  },
  example: ["name", "value"],
  open: true,
});

/** A number is a quantity too. */
const quantity = like(wordLike("1"), () => []);
const quantities = input(checked(map(quantity, text(), "cpu"), quantityProblems));
const underRequests = {
  reason: "it stands under requests or limits",
  remedy:
    'Write resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } }.',
};

/** Shape of a container's resources. */
export const resourcesShape = object<types.input.core.v1.ResourceRequirements>({
  fields: { requests: quantities, limits: quantities, claims: anything },
  refused: { cpu: underRequests, memory: underRequests, "ephemeral-storage": underRequests },
  example: ["requests", "limits"],
  open: true,
});

const ids = {
  runAsUser: whole,
  runAsGroup: whole,
  runAsNonRoot: truth,
  seccompProfile,
  appArmorProfile: anything,
  seLinuxOptions: anything,
  windowsOptions: anything,
};

/** Shape of the security context of a pod. */
export const podSecurityContextShape = object<types.input.core.v1.PodSecurityContext>({
  fields: {
    ...ids,
    fsGroup: whole,
    fsGroupChangePolicy: policy,
    seLinuxChangePolicy: policy,
    supplementalGroups: anything,
    supplementalGroupsPolicy: policy,
    sysctls: anything,
  },
  example: ["runAsNonRoot"],
  open: true,
});

const capabilityNames = input(list(wordLike("ALL")));

/** Shape of the security context of a container. */
export const securityContextShape = object<types.input.core.v1.SecurityContext>({
  fields: {
    ...ids,
    allowPrivilegeEscalation: truth,
    capabilities: input(
      object<types.input.core.v1.Capabilities>({
        fields: { add: capabilityNames, drop: capabilityNames },
        example: ["drop"],
        open: true,
      }),
    ),
    privileged: truth,
    procMount: policy,
    readOnlyRootFilesystem: truth,
  },
  example: ["runAsNonRoot"],
  open: true,
});

const scalingRules = input(
  object<types.input.autoscaling.v2.HPAScalingRules>({
    fields: {
      policies: some([{ type: "Pods", value: 1, periodSeconds: 60 }]),
      selectPolicy: policy,
      stabilizationWindowSeconds: whole,
      tolerance: policy,
    },
    example: ["stabilizationWindowSeconds"],
    open: true,
  }),
);

/** Shape of how fast an autoscaler changes a number of pods. */
export const scalingBehaviorShape = object<types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior>({
  fields: { scaleUp: scalingRules, scaleDown: scalingRules },
  example: ["scaleDown"],
  open: true,
});
