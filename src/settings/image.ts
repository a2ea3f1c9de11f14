import type * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../pulumi/inputs";
import { defaultRepository, defaultVersion } from "./agentDefaults";
import { ImagePullPolicy, type AgentImageArgs } from "../args/image";

/** Image arguments that name one image: the repository is given, and a version, a tag or a digest. */
export interface CompleteImage extends AgentImageArgs {
  /** Repository, without a tag. */
  repository: pulumi.Input<string>;
}

/** What a container needs to know about its image. */
export interface ResolvedImage {
  /** `repository:tag`, `repository@digest` or `repository:tag@digest`. */
  reference: string;
  /** When the kubelet pulls it. */
  pullPolicy: ImagePullPolicy;
}

/** The image of a container; deferred where the arguments are. */
export interface AgentImage {
  /** `repository:tag`, `repository@digest` or `repository:tag@digest`. */
  reference: pulumi.Input<string>;
  /** When the kubelet pulls it. */
  pullPolicy: pulumi.Input<ImagePullPolicy>;
}

/** Fills in the repository, and the version unless a tag or a digest takes its place. */
export function imageWithDefaults(image: AgentImageArgs = {}): CompleteImage {
  const version = image.version ?? ((image.tag ?? image.digest) ? undefined : defaultVersion);
  return { ...image, repository: image.repository ?? defaultRepository, version };
}

/**
 * Reference and pull policy of an image whose arguments are known, by the table of {@link AgentImageArgs}.
 *
 * @param image - Arguments that passed `imageProblems`, with the defaults filled in.
 */
export function resolveImage(image: pulumi.Unwrap<CompleteImage>): ResolvedImage {
  const tag = image.version ?? image.tag;
  const tagPart = tag === undefined ? "" : `:${tag}`;
  const digestPart = image.digest === undefined ? "" : `@${image.digest}`;
  return {
    reference: `${image.repository}${tagPart}${digestPart}`,
    pullPolicy: image.pullPolicy ?? impliedPullPolicy(image),
  };
}

function impliedPullPolicy(image: pulumi.Unwrap<CompleteImage>): ImagePullPolicy {
  const digestDecides = image.digest !== undefined;
  if (image.local ?? (image.tag !== undefined && !digestDecides)) {
    return ImagePullPolicy.Never;
  }
  const moves = (image.version ?? image.tag) === "latest" && !digestDecides;
  return moves ? ImagePullPolicy.Always : ImagePullPolicy.IfNotPresent;
}

/** The image as a container takes it: plain when the arguments are plain, else deferred. */
export function agentImage(image: AgentImageArgs): AgentImage {
  const complete = imageWithDefaults(image);
  return {
    reference: whenKnown(complete, (known) => resolveImage(known).reference),
    pullPolicy: whenKnown(complete, (known) => resolveImage(known).pullPolicy),
  };
}
