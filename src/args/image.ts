import type * as pulumi from "@pulumi/pulumi";

/**
 * When the kubelet pulls the image.
 *
 * Kubernetes: [Image pull policy](https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy).
 */
export enum ImagePullPolicy {
  /** At every start of a container. */
  Always = "Always",
  /** When the node does not have it. */
  IfNotPresent = "IfNotPresent",
  /** Never: the image is on the node already. */
  Never = "Never",
}

/**
 * The agent's image, in one of the guide's four modes or by digest:
 *
 * | mode | write | pull policy |
 * | --- | --- | --- |
 * | one version (default) | `{ version: "4.84.0" }` | IfNotPresent |
 * | newest at each start | `{ version: "latest" }` | Always |
 * | newest, pulled by hand | `{ version: "latest", local: true }` | Never |
 * | your own tag on the node | `{ tag: "testing" }` | Never |
 * | your own tag in a registry | `{ repository: "…", tag: "testing", local: false }` | IfNotPresent |
 * | digest | `{ version: "4.84.0", digest: "sha256:…" }` | IfNotPresent |
 *
 * Fastly's guide: [Getting and updating the agent container image](https://www.fastly.com/documentation/guides/next-gen-waf/setup-and-configuration/kubernetes/kubernetes-istio#getting-and-updating-the-agent-container-image).
 */
export interface AgentImageArgs {
  /**
   * Repository, without a tag.
   *
   * @default "signalsciences/sigsci-agent"
   */
  repository?: pulumi.Input<string>;

  /**
   * A released version such as `4.84.0`, or `latest`. Excludes `tag`. A version loses its rule updates and
   * stops blocking two years after its release, so a warning is given in time.
   *
   * @default "4.84.0", unless `tag` or `digest` is given
   */
  version?: pulumi.Input<string>;

  /**
   * A tag of your own, applied on the node. Excludes `version`.
   *
   * @default none
   */
  tag?: pulumi.Input<string>;

  /**
   * Digest, `sha256:` and 64 lower-case hexadecimal digits. It decides which image runs; a `version` or `tag`
   * beside it only says what it is, and lets the end of support be foreseen.
   *
   * @default none
   */
  digest?: pulumi.Input<string>;

  /**
   * The image is on the node already and is never pulled.
   *
   * @default true with `tag` and no `digest`, else false
   */
  local?: boolean;

  /**
   * Explicit pull policy; wins over what the mode implies.
   *
   * @default by mode, see the table above
   */
  pullPolicy?: ImagePullPolicy;
}
