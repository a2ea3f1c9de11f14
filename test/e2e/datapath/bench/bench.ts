import { setTimeout as delay } from "node:timers/promises";
import { reasonOf } from "../../stack/failure";
import { isInNamespace, runInNamespace } from "../namespace";
import { Rig } from "../rig";
import { busyPercent, processorTime } from "./machine";
import { measure, type Limit, type Samples, type Traffic } from "./measure";
import { addedTable, effectTable, ratioTable, roundsIn } from "./report";
import { bare, likeForLike, pairs, patientPairs, processing, type Pair, type Variant } from "./variants";
import { inspects, noSlower, type Verdict } from "./verdict";

// Entry point of the data-path benchmark: one proxy, one app and one agent, all forms of configuration in one run.

// Together with the start of the stack this takes some seven minutes.
const costLimit: Limit = { rounds: 12, seconds: 280 };
const crowdLimit: Limit = { rounds: 2, seconds: 45 };
const patientLimit: Limit = { rounds: 3, seconds: 25 };

const one: Traffic = { title: "1 connection", concurrency: 1, durationMs: 900 };
const steady: Traffic = { title: "500 requests/s", concurrency: 16, rate: 500, durationMs: 1000 };
const full: Traffic = { title: "64 at once", concurrency: 64, durationMs: 600 };
/** The app is slow: all connections wait for it, and few checks are under way. */
const open: Traffic = {
  title: "2,048 open, app takes 1.5 s",
  concurrency: 2048,
  rate: 1365,
  durationMs: 2500,
  appMs: 1500,
};
/** The agent takes as long as one that is busy, but uses no CPU: all checks are under way at the same time. */
const crowd: Traffic = {
  title: "2,048 checks at once, agent takes 0.1 s",
  concurrency: 2048,
  burstEveryMs: 1000,
  durationMs: 900,
  agentMs: 100,
};
const longCrowd: Traffic = {
  title: "2,048 checks at once, agent takes 1 s",
  concurrency: 2048,
  burstEveryMs: 1000,
  durationMs: 900,
  agentMs: 1000,
};

const loads = [one, steady, full];
const costPairs = [likeForLike, ...pairs];

async function bench(): Promise<boolean> {
  const others = await othersUse();
  // istiod gathers changes for 100 ms otherwise: the exchange of two variants is not what is measured.
  const rig = await Rig.start({ PILOT_DEBOUNCE_AFTER: "10ms" });
  try {
    // No access log of the mesh's own, as in Istio's default profile: nothing but the agent differs.
    rig.setAccessLogFile("");
    await rig.setProviders([]);
    const cost = await measure(rig, [bare, ...variantsOf(costPairs)], loads, costLimit, say);
    printCost(cost);
    const crowds = await measure(rig, variantsOf(pairs), [open, crowd], crowdLimit, say);
    const patient = await measure(rig, variantsOf(patientPairs), [longCrowd], patientLimit, say);
    print(`Inspected: median of the rounds (lowest..highest)`, [
      effectTable(cost, full),
      ...[open, crowd].map((traffic) => effectTable(crowds, traffic)),
      effectTable(patient, longCrowd),
    ]);
    print("The machine", [`used by others before the start: ${others.toFixed(0)} % of its CPU time`]);
    return judge([
      ...costPairs
        .filter((pair) => pair !== processing)
        .flatMap((pair) => loads.map((traffic) => noSlower(cost, pair, traffic))),
      ...pairs.flatMap((pair) => [
        inspects(cost, pair, full, true),
        inspects(crowds, pair, open, true),
        inspects(crowds, pair, crowd, false),
      ]),
      ...patientPairs.map((pair) => inspects(patient, pair, longCrowd, true)),
    ]);
  } finally {
    await rig.stop();
  }
}

async function othersUse(): Promise<number> {
  const before = processorTime();
  await delay(1000);
  return busyPercent(before, processorTime());
}

/** Each once, the guide's next to ours. */
function variantsOf(compared: readonly Pair[]): Variant[] {
  return [...new Set(compared.flatMap(({ guide, ours }) => [guide, ours]))];
}

function printCost(cost: Samples): void {
  print(`Cost: median of ${roundsIn(cost)} rounds (lowest..highest)`, [
    ...loads.map((traffic) => addedTable(cost, bare, traffic)),
  ]);
  print("Ours as a multiple of the guide's: estimate (95 % interval)", [ratioTable(cost, costPairs, loads)]);
}

function judge(verdicts: readonly Verdict[]): boolean {
  print("Ours is no slower than the guide's, and inspects what it lets through", [
    verdicts.map(({ text }) => text).join("\n"),
  ]);
  return verdicts.every(({ holds }) => holds);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(title: string, parts: readonly string[]): void {
  process.stdout.write(`\n${title}\n\n${parts.join("\n")}\n`);
}

async function main(): Promise<number> {
  if (!isInNamespace()) {
    return runInNamespace(process.execPath, ["--require", "ts-node/register/transpile-only", __filename]);
  }
  return (await bench()) ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exitCode = 1;
  },
);
