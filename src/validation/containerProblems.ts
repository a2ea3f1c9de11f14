import { posix } from "node:path";
import type { ArgumentProblem } from "./problem";
import { startupProbeVersionProblems } from "./imageProblems";
import { leafProblems } from "./known";
import { byteQuantity } from "../kubernetes/quantity";
import type { AgentSettings } from "../settings/agent";

// A volume mounted over one of these hides what the container needs to run.
const neededDirectories = ["/", "/bin", "/dev", "/etc", "/lib", "/proc", "/sbin", "/sigsci", "/sys", "/usr"];

/**
 * Everything that is wrong with the writable volume.
 *
 * @param settings - The agent's settings.
 * @param path - Where the arguments stand, for example `agent.temporaryVolume`.
 */
export function volumeProblems(settings: AgentSettings, path: string): ArgumentProblem[] {
  const { mountPath, sizeLimit } = settings.temporaryVolume;
  return [
    ...leafProblems(`${path}.mountPath`, mountPath, mountPathReason, 'Use a path such as "/sigsci/tmp".'),
    ...leafProblems(`${path}.sizeLimit`, sizeLimit, sizeReason, 'Write bytes such as "256Mi" or "1Gi".'),
  ];
}

function mountPathReason(mountPath: string): string | undefined {
  if (!mountPath.startsWith("/")) {
    return "it is not absolute";
  }
  if (neededDirectories.includes(mountPath)) {
    return "a volume there would hide the agent or its system";
  }
  if (mountPath.includes(":")) {
    return "a mount path has no colon";
  }
  const clean = posix.normalize(mountPath) === mountPath && !mountPath.endsWith("/");
  return clean ? undefined : "it has a slash at its end, a double slash, or a part . or ..";
}

function sizeReason(size: string): string | undefined {
  return byteQuantity(size) ?? (/[1-9]/.test(size) ? undefined : "the agent needs room to write");
}

/**
 * Everything that is wrong with the startup probe, apart from its port.
 *
 * @param settings - The agent's settings.
 * @param path - Where the arguments stand, for example `agent.startupProbe`.
 */
export function probeProblems(settings: AgentSettings, path: string): ArgumentProblem[] {
  const { enabled, periodSeconds, failureThreshold } = settings.startupProbe;
  if (!enabled) {
    return [];
  }
  const remedy = "Use a whole number, 1 or more.";
  return [
    ...startupProbeVersionProblems(settings.image, path),
    ...leafProblems(`${path}.periodSeconds`, periodSeconds, wholeNumberFrom(1), remedy),
    ...leafProblems(`${path}.failureThreshold`, failureThreshold, wholeNumberFrom(1), remedy),
  ];
}

/**
 * Everything that is wrong with preStop sleep and grace period.
 *
 * @param settings - The agent's settings.
 * @param path - Where the arguments stand, for example `agent.shutdown`.
 */
export function shutdownProblems(settings: AgentSettings, path: string): ArgumentProblem[] {
  const { preStopSleepSeconds: sleep, terminationGracePeriodSeconds: grace } = settings.shutdown;
  const problems = leafProblems(
    `${path}.preStopSleepSeconds`,
    sleep,
    wholeNumberFrom(0),
    "Use a whole number of seconds, 0 for no sleep.",
  );
  if (problems.length > 0) {
    return problems;
  }
  return leafProblems(
    `${path}.terminationGracePeriodSeconds`,
    grace,
    (seconds) =>
      wholeNumberFrom(1)(seconds) ??
      (seconds > sleep ? undefined : `the preStop sleep of ${sleep} s leaves the agent no time to stop`),
    `Use a whole number of seconds above ${path}.preStopSleepSeconds.`,
  );
}

function wholeNumberFrom(least: number): (value: number) => string | undefined {
  return (value) =>
    Number.isInteger(value) && value >= least ? undefined : `it is no whole number from ${least} on`;
}
