import { cpus } from "node:os";

/** CPU time of the machine so far, in milliseconds, over all of its processors. */
export interface ProcessorTime {
  readonly busy: number;
  readonly all: number;
}

/** Reads the machine's CPU time; everybody's, not only ours. */
export function processorTime(): ProcessorTime {
  const times = cpus().map((processor) => processor.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const all = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle);
  return { busy: all - idle, all };
}

/** Percentage of the machine's CPU time that was used between two readings. */
export function busyPercent(before: ProcessorTime, after: ProcessorTime): number {
  return (100 * (after.busy - before.busy)) / Math.max(1, after.all - before.all);
}
