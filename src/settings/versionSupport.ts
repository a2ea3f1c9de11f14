import { parse } from "semver";

/** Whether a version still gets rule updates and gives blocking decisions. */
export enum SupportState {
  /** More than 90 days are left. */
  Supported = "Supported",
  /** Support ends within 90 days. */
  Ending = "Ending",
  /** Support has ended. */
  Ended = "Ended",
}

/** How long a version is supported. Both dates are estimates, at 00:00 UTC. */
export interface VersionSupport {
  /** First day of the month of the release. */
  released: Date;
  /** Last day of support. */
  supportedUntil: Date;
  /** The state on the day asked for. */
  state: SupportState;
}

const millisecondsPerDay = 86_400_000;
const warningDays = 90;
const supportedMonths = 24;

// One minor version came out each month from 4.43.0 (June 2023) to 4.84.0 (November 2026), with no gap.
const knownMajor = 4;
const knownMinor = 43;
const knownMonth = monthNumber(2023, 6);

/** Months since January of the year 0; `month` counts from 1. */
function monthNumber(year: number, month: number): number {
  return year * 12 + month - 1;
}

function firstDay(month: number): Date {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12, 1));
}

function lastDay(month: number): Date {
  return new Date(firstDay(month + 1).getTime() - millisecondsPerDay);
}

/**
 * Estimates until when an agent version is supported. Minor versions of agent 4 are counted one a month in
 * both directions; older majors are taken to be as old as 4.0.0. Versions older than two years are retired at
 * the end of January, April, July and October.
 *
 * Source: Fastly, "Agent end-of-support policy" and agent release notes.
 *
 * @param version - Three numbers, for example `4.84.0`.
 * @param today - The day asked about; its UTC date counts.
 * @returns undefined when the version is no version or of a major later than 4.
 */
export function versionSupport(version: string, today: Date): VersionSupport | undefined {
  const parsed = parse(version);
  if (parsed === null || parsed.major > knownMajor) {
    return undefined;
  }
  const minor = parsed.major === knownMajor ? parsed.minor : 0;
  const releaseMonth = knownMonth + minor - knownMinor;
  const supportedUntil = lastDay(firstRetirementMonth(releaseMonth + supportedMonths));
  return {
    released: firstDay(releaseMonth),
    supportedUntil,
    state: supportState(supportedUntil, today),
  };
}

/** January, April, July and October are the months whose number is a multiple of 3. */
function firstRetirementMonth(month: number): number {
  return Math.ceil(month / 3) * 3;
}

function supportState(supportedUntil: Date, today: Date): SupportState {
  const todayStart = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
  const daysLeft = (supportedUntil.getTime() - todayStart) / millisecondsPerDay;
  if (daysLeft < 0) {
    return SupportState.Ended;
  }
  return daysLeft <= warningDays ? SupportState.Ending : SupportState.Supported;
}
