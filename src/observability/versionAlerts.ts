import { versionSupport } from "../settings/versionSupport";
import type { Alert } from "./alert";
import type { Watched } from "./watched";

const supportWarningDays = 90;
const secondsPerDay = 86_400;

/** The alerts about the end of support. No metric carries the agent's version: the day is that of the version in the program. */
export function versionUnsupported({ version }: Watched): Alert[] {
  const support = version === undefined ? undefined : versionSupport(version, new Date(0));
  if (version === undefined || support === undefined) {
    return [];
  }
  const until = support.supportedUntil.getTime() / 1000;
  const date = support.supportedUntil.toISOString().slice(0, 10);
  const ended = until + secondsPerDay;
  const common = { for: "0m", anchor: "the-agents-version-loses-support" };
  const later = "Set agent.image.version to a newer one and run pulumi up.";
  return [
    {
      ...common,
      name: "SigsciAgentVersionEnding",
      severity: "warning",
      expressions: [`(vector(time()) >= ${until - supportWarningDays * secondsPerDay}) < ${ended}`],
      summary: `Version ${version} of the WAF agent loses support about ${date}`,
      description:
        "Until then requests are inspected as ever. From then on the agent gets no new rules and decides to block " +
        `nothing: every attack passes. ${later}`,
    },
    {
      ...common,
      name: "SigsciAgentVersionEnded",
      severity: "critical",
      expressions: [`vector(time()) >= ${ended}`],
      summary: `Version ${version} of the WAF agent lost support about ${date}`,
      description: `The agent gets no new rules and decides to block nothing: every attack passes. ${later}`,
    },
  ];
}
