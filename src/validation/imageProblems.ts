import { lt } from "semver";
import type { AgentImageArgs } from "../args/image";
import { startupProbeVersion } from "../settings/agentDefaults";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";
import { isReleasedVersion } from "./shapes/image";

/** The version that the arguments name, when it is plain and a released one. */
export function namedVersion(image: AgentImageArgs): string | undefined {
  const tag = known(image.version) ?? known(image.tag);
  return tag !== undefined && isReleasedVersion(tag) ? tag : undefined;
}

/** Refuses two tags for one image. */
export function imageProblems({ version, tag }: AgentImageArgs, path: string): ArgumentProblem[] {
  return version === undefined || tag === undefined
    ? []
    : [
        {
          path: `${path}.tag`,
          value: known(tag),
          reason: `${path}.version is given too, and an image has one tag`,
          remedy: "Keep version for a released version or latest, or tag for a tag of your own.",
        },
      ];
}

/** Refuses a startup probe on a version that has no listener for it: the pods would never become ready. */
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
