import { coerce, valid } from "semver";
import { ImagePullPolicy } from "../../args/image";
import type { AgentImageArgs } from "../../args/image";
import { defaultRepository, defaultVersion } from "../../settings/agentDefaults";
import { flag, input, object, oneOf, text } from "../shape";

const domainPattern = /^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(:\d+)?$/;
const pathPartPattern = /^[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const versionPattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Shape of an image's digest. */
export const digestShape = input(
  text(
    digest,
    "Copy the digest from the registry: sha256: and 64 lower-case hexadecimal digits.",
    `sha256:${"0".repeat(64)}`,
  ),
);

/** Shape of the image's arguments. */
export const imageShape = object<AgentImageArgs>({
  fields: {
    version: input(text(version, versionRemedy, defaultVersion)),
    tag: input(
      text(
        tag,
        'Write a tag such as "testing": up to 128 letters, digits, underscores, dots and hyphens.',
        "testing",
      ),
    ),
    repository: input(
      text(
        repository,
        `Write the repository alone, for example "${defaultRepository}"; version, tag and digest have their own arguments.`,
        defaultRepository,
      ),
    ),
    digest: digestShape,
    local: flag,
    pullPolicy: oneOf({ ImagePullPolicy }),
  },
  otherNames: { name: "repository" },
  example: ["version"],
  read: (given) => {
    const meant = /^v?\d+\.\d+/.test(given) ? meantVersion(given) : undefined;
    return meant === undefined ? readReference(given) : { version: meant };
  },
});

/** A whole reference, such as `registry.example.com/waf/agent:4.84.0`, in parts. */
function readReference(reference: string): AgentImageArgs | undefined {
  const [, name, label, sha] = /^([^@]+?)(?::(\w[\w.-]*))?(?:@(sha256:\w+))?$/.exec(reference) ?? [];
  if (name === undefined || (label === undefined && sha === undefined) || repository(name) !== undefined) {
    return undefined;
  }
  const named = label !== undefined && version(label) === undefined ? { version: label } : { tag: label };
  return Object.fromEntries(
    Object.entries({
      repository: name === defaultRepository ? undefined : name,
      ...named,
      digest: sha,
    }).filter(([, value]) => value !== undefined),
  );
}

/** Whether the text is a released version: three numbers. */
export function isReleasedVersion(value: string): boolean {
  return versionPattern.test(value);
}

function repository(value: string): string | undefined {
  if (value === "") {
    return "it is empty";
  }
  if (value.includes("://")) {
    return "a repository has no scheme such as https://";
  }
  if (value.includes("@")) {
    return "it contains a digest";
  }
  const parts = value.split("/");
  if (parts.at(-1)?.includes(":")) {
    return "it contains a tag";
  }
  const [first = "", ...rest] = parts;
  const hasDomain = rest.length > 0 && (/[.:A-Z]/.test(first) || first === "localhost");
  const names = hasDomain ? rest : parts;
  const fine = (!hasDomain || domainPattern.test(first)) && names.every((name) => pathPartPattern.test(name));
  return fine ? undefined : "it is no image repository: lower-case names with slashes between them";
}

function version(value: string): string | undefined {
  if (value === "latest" || isReleasedVersion(value)) {
    return undefined;
  }
  return value === "" ? "it is empty" : "a released version is three numbers, or latest";
}

function versionRemedy(value: string): string {
  const meant = meantVersion(value);
  return meant === undefined
    ? `Write a version such as "${defaultVersion}", or use tag for a tag of your own.`
    : `Write "${meant}".`;
}

/** The released version that a text such as `v4.84` means. */
function meantVersion(value: string): string | undefined {
  // semver takes a leading v; coerce completes two numbers. Anything else is no version at all.
  const meant = valid(value.trim()) ?? (/^v?\d+(\.\d+)?$/.test(value) ? coerce(value)?.version : null);
  return meant && isReleasedVersion(meant) ? meant : undefined;
}

function tag(value: string): string | undefined {
  if (value === "") {
    return "it is empty";
  }
  return tagPattern.test(value) ? undefined : "it is no image tag";
}

function digest(value: string): string | undefined {
  if (value === "") {
    return "it is empty";
  }
  return digestPattern.test(value) ? undefined : "it is no SHA-256 digest";
}
