import { defaultVersion } from "../settings/agentDefaults";
import { imageWithDefaults } from "../settings/image";
import { namedVersion } from "../validation/imageProblems";
import { ImagePullPolicy, type AgentImageArgs } from "../args/image";
import { known } from "../validation/known";
import { SupportState, versionSupport } from "../validation/versionSupport";

/**
 * What a user should know about an accepted image: a tag that moves, and an end of support that makes the
 * agent let everything pass without an error.
 *
 * @param image - The image's arguments; leaves that are known only later are skipped.
 * @param today - The day on which support is judged.
 */
export function imageWarnings(image: AgentImageArgs, today: Date): string[] {
  const complete = imageWithDefaults(image);
  return [...movingTagWarnings(complete), ...supportWarnings(complete, today)];
}

function movingTagWarnings(image: AgentImageArgs): string[] {
  const tag = known(image.version) ?? known(image.tag);
  if (tag !== "latest" || image.digest !== undefined) {
    return [];
  }
  // A tag of the user's own is taken from the node unless told otherwise, as in resolveImage.
  const local = image.local ?? image.tag !== undefined;
  const never = image.pullPolicy === undefined ? local : image.pullPolicy === ImagePullPolicy.Never;
  const picks = never
    ? "each node runs whatever was last pulled onto it by hand"
    : "each new pod may run another version than its neighbours, and a rollout picks whatever is newest";
  return [`image tag latest is not reproducible: ${picks}. Pin a version such as ${defaultVersion}.`];
}

function supportWarnings(image: AgentImageArgs, today: Date): string[] {
  const version = namedVersion(image);
  if (version === undefined) {
    return digestAlone(image)
      ? [
          "an image given by digest alone hides its version, so the end of its support cannot be foreseen. " +
            "Write the version beside the digest.",
        ]
      : [];
  }
  const support = versionSupport(version, today);
  const date = support?.supportedUntil.toISOString().slice(0, 10);
  switch (support?.state) {
    case SupportState.Ended:
      return [
        `agent ${version} lost support about ${date}: it gets no rule updates and gives NO BLOCKING DECISIONS, ` +
          "so every attack passes. Move to a newer version now.",
      ];
    case SupportState.Ending:
      return [
        `agent ${version} loses support about ${date}; from then on it gives no blocking decisions and ` +
          "every attack passes. Move to a newer version before.",
      ];
    default:
      return [];
  }
}

function digestAlone(image: AgentImageArgs): boolean {
  return image.digest !== undefined && image.version === undefined && image.tag === undefined;
}
