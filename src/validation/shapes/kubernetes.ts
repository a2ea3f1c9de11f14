import type { types } from "@pulumi/kubernetes";
import { quantityProblems } from "../resourceProblems";
import { checked, flag, input, like, map, number, object, text } from "../shape";
import type { Shape } from "../shape";

/*
 * Objects of Kubernetes itself. A field that this package does not know may be one of a newer Kubernetes: it is refused
 * when it looks misspelt, and warned of otherwise.
 */

const anything: Shape = () => [];
const word = input(text());
const wordLike = (example: string): Shape => input(text(() => undefined, "", example));
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

const affinityTerms = input(
  object<types.input.core.v1.PodAffinity>({
    fields: {
      requiredDuringSchedulingIgnoredDuringExecution: anything,
      preferredDuringSchedulingIgnoredDuringExecution: anything,
    },
    example: [],
    open: true,
  }),
);

/** Shape of an affinity. */
export const affinityShape = object<types.input.core.v1.Affinity>({
  fields: { nodeAffinity: affinityTerms, podAffinity: affinityTerms, podAntiAffinity: affinityTerms },
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
          configMapKeyRef: anything,
          fieldRef: anything,
          fileKeyRef: anything,
          resourceFieldRef: anything,
          secretKeyRef: anything,
        },
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
    fsGroupChangePolicy: word,
    seLinuxChangePolicy: word,
    supplementalGroups: anything,
    supplementalGroupsPolicy: word,
    sysctls: anything,
  },
  example: ["runAsNonRoot"],
  open: true,
});

/** Shape of the security context of a container. */
export const securityContextShape = object<types.input.core.v1.SecurityContext>({
  fields: {
    ...ids,
    allowPrivilegeEscalation: truth,
    capabilities: input(
      object<types.input.core.v1.Capabilities>({
        fields: { add: anything, drop: anything },
        example: [],
        open: true,
      }),
    ),
    privileged: truth,
    procMount: word,
    readOnlyRootFilesystem: truth,
  },
  example: ["runAsNonRoot"],
  open: true,
});
