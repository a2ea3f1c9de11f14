import { listAt, textAt } from "./liveObject";
import type { LiveObject } from "./liveObject";
import { proxyContainer } from "./injection";

/** A release of Istio 1.x. */
export interface IstioRelease {
  /** Its second number. */
  readonly minor: number;
  /** As it is written, for example `1.31.2`. */
  readonly text: string;
}

// What comes before the release of a minor version may lack what that has; a tag that counts otherwise says nothing.
const releaseTag = /:v?(?<text>1\.(?<minor>\d{1,3})\.\d{1,3})(?:-(?!alpha|beta)[\w.-]+)?(?:@|$)/;

/** The release that the tag of an image names; undefined for one that names none, such as a digest alone. */
export function releaseOfImage(image: string): IstioRelease | undefined {
  const { text, minor } = releaseTag.exec(image)?.groups ?? {};
  return text === undefined ? undefined : { text, minor: Number(minor) };
}

/** The image of Istio's proxy in a pod. */
export function proxyImageOf(pod: LiveObject): string | undefined {
  const containers = [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")];
  return textAt(
    containers.find((container) => textAt(container, "name") === proxyContainer),
    "image",
  );
}
