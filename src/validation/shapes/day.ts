import { text } from "../shape";

/** A day of the calendar. */
export const day = text(
  (value) => (isDay(value) ? undefined : "it is no day of the calendar"),
  "Write year, month and day, for example 2027-01-31.",
  "2027-01-31",
);

function isDay(value: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : NaN;
  // 30 February becomes a day in March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
