import { coerce, lt, valid } from "semver";
import type { ArgumentProblem } from "./problem";
import { defaultRepository, defaultVersion, startupProbeVersion } from "../settings/agentDefaults";
import type { AgentImageArgs } from "../args/image";
import { known, leafProblems } from "./known";

const domainPattern = /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:\d+)?$/;
const pathPartPattern = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const versionPattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/**
 * Whether the text is a released version: three numbers.
 *
 * @param text - A version or a tag.
 */
export function isReleasedVersion(text: string): boolean {
  return versionPattern.test(text);
}

/**
 * The version that the arguments name, when it is plain and a released one.
 *
 * @param image - The image's arguments.
 */
export function namedVersion(image: AgentImageArgs): string | undefined {
  const tag = known(image.version) ?? known(image.tag);
  return tag !== undefined && isReleasedVersion(tag) ? tag : undefined;
}

/**
 * Everything that is wrong with the image; leaves that are known only later are skipped.
 *
 * @param image - The image's arguments.
 * @param path - Where they stand, for example `agent.image`.
 */
export function imageProblems(image: AgentImageArgs, path: string): ArgumentProblem[] {
  return [
    ...leafProblems(
      `${path}.repository`,
      image.repository,
      repositoryReason,
      `Write the repository alone, for example "${defaultRepository}"; version, tag and digest have their own arguments.`,
    ),
    ...versionProblems(image, path),
    ...leafProblems(
      `${path}.tag`,
      image.tag,
      tagReason,
      'Write a tag such as "testing": up to 128 letters, digits, underscores, dots and hyphens.',
    ),
    ...leafProblems(
      `${path}.digest`,
      image.digest,
      digestReason,
      "Copy the digest from the registry: sha256: and 64 lower-case hexadecimal digits.",
    ),
  ];
}

function versionProblems(image: AgentImageArgs, path: string): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  if (image.version !== undefined && image.tag !== undefined) {
    problems.push({
      path: `${path}.tag`,
      value: known(image.tag),
      reason: `${path}.version is given too, and an image has one tag`,
      remedy: "Keep version for a released version or latest, or tag for a tag of your own.",
    });
  }
  const version = known(image.version);
  if (version !== undefined && version !== "latest" && !isReleasedVersion(version)) {
    problems.push({
      path: `${path}.version`,
      value: version,
      reason: version === "" ? "it is empty" : "a released version is three numbers, or latest",
      remedy: versionRemedy(version),
    });
  }
  return problems;
}

function versionRemedy(version: string): string {
  // semver takes a leading v; coerce completes two numbers. Anything else is no version at all.
  const meant = valid(version.trim()) ?? (/^v?\d+(\.\d+)?$/.test(version) ? coerce(version)?.version : null);
  return meant && isReleasedVersion(meant)
    ? `Write "${meant}".`
    : `Write a version such as "${defaultVersion}", or use tag for a tag of your own.`;
}

/**
 * Refuses a startup probe on a version that has no listener for it: the pods would never become ready.
 *
 * @param image - The image's arguments, with the defaults filled in.
 * @param path - Where the startup probe's arguments stand, for example `agent.startupProbe`.
 */
export function startupProbeVersionProblems(image: AgentImageArgs, path: string): ArgumentProblem[] {
  const version = namedVersion(image);
  if (version === undefined || !lt(version, startupProbeVersion)) {
    return [];
  }
  return [
    {
      path: `${path}.enabled`,
      reason: `agent ${version} cannot answer a startup probe; the first version that can is ${startupProbeVersion}`,
      remedy: `Use version ${startupProbeVersion} or later, or set ${path}.enabled to false.`,
    },
  ];
}

function repositoryReason(repository: string): string | undefined {
  if (repository === "") {
    return "it is empty";
  }
  if (repository.includes("://")) {
    return "a repository has no scheme such as https://";
  }
  if (repository.includes("@")) {
    return "it contains a digest";
  }
  const parts = repository.split("/");
  if (parts.at(-1)?.includes(":")) {
    return "it contains a tag";
  }
  const [first = "", ...rest] = parts;
  const hasDomain = rest.length > 0 && (/[.:A-Z]/.test(first) || first === "localhost");
  const names = hasDomain ? rest : parts;
  const fine = (!hasDomain || domainPattern.test(first)) && names.every((name) => pathPartPattern.test(name));
  return fine ? undefined : "it is no image repository: lower-case names with slashes between them";
}

function tagReason(tag: string): string | undefined {
  if (tag === "") {
    return "it is empty";
  }
  return tagPattern.test(tag) ? undefined : "it is no image tag";
}

function digestReason(digest: string): string | undefined {
  if (digest === "") {
    return "it is empty";
  }
  return digestPattern.test(digest) ? undefined : "it is no SHA-256 digest";
}
