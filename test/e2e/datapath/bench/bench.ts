import { reasonOf } from "../../stack/failure";
import { isInNamespace, runInNamespace } from "../namespace";
import { Rig } from "../rig";
import type { Variant } from "./exchange";
import { measure, type Limit, type Traffic } from "./measure";
import { addedTable, effectTable, ratioTable, roundsIn } from "./report";

// Entry point of the data-path benchmark: one proxy, one app and one agent, all forms of configuration in one run.

// Together with the start of the stack this stays below four minutes.
const costLimit: Limit = { rounds: 7, seconds: 120 };
const crowdLimit: Limit = { rounds: 3, seconds: 70 };

// As the guide's: no access log besides the agent's.
const quiet = { keepAccessLogProviders: [] };

const none: Variant = { title: "no agent" };
const guideFilter: Variant = {
  title: "guide, EnvoyFilter",
  scenario: { name: "bench-guide-filter", form: "guide-EnvoyFilter", placement: "sidecar" },
};
const guideProviders: Variant = {
  title: "guide, providers",
  scenario: { name: "bench-guide-providers", form: "guide-providers" },
};
const ourPolicy: Variant = {
  title: "ours, AuthorizationPolicy",
  scenario: { name: "bench-ap", form: "AuthorizationPolicy", inspection: quiet },
};
const ourFilter: Variant = {
  title: "ours, EnvoyFilter",
  scenario: { name: "bench-ef", form: "EnvoyFilter" },
};

// The guide's timeout of 0.2 s is the package's default too; on a small machine it decides what a crowd gets.
const patient = { timeout: "2s" };
const patientPolicy: Variant = {
  title: "ours, AuthorizationPolicy, 2 s",
  scenario: { name: "bench-ap2", form: "AuthorizationPolicy", inspection: { ...quiet, ...patient } },
};
const patientFilter: Variant = {
  title: "ours, EnvoyFilter, 2 s",
  scenario: { name: "bench-ef2", form: "EnvoyFilter", inspection: patient },
};

const one: Traffic = { title: "1 connection", concurrency: 1, durationMs: 600 };
const steady: Traffic = { title: "500 requests/s", concurrency: 16, rate: 500, durationMs: 1000 };
const full: Traffic = { title: "64 at once", concurrency: 64, durationMs: 1000 };
const many: Traffic = { title: "2,048 at once", concurrency: 2048, durationMs: 2000 };
const bursts: Traffic = {
  title: "2,048 in bursts",
  concurrency: 2048,
  burstEveryMs: 1500,
  durationMs: 1400,
};

async function bench(): Promise<void> {
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const rig = await Rig.start();
  try {
    // No access log of the mesh's own, as in Istio's default profile: nothing but the agent differs.
    rig.setAccessLogFile("");
    await rig.setProviders([]);
    const [filters, policies] = [
      [guideFilter, ourFilter],
      [guideProviders, ourPolicy],
    ];
    const cost = await measure(rig, [[none], filters, policies], [one, steady, full], costLimit, say);
    const crowds = [
      [...filters, patientFilter],
      [...policies, patientPolicy],
    ];
    const crowd = await measure(rig, crowds, [many, bursts], crowdLimit, say);
    const comparisons = [
      { title: "policy", guide: guideProviders, ours: ourPolicy },
      { title: "filter", guide: guideFilter, ours: ourFilter },
    ];
    print(`Cost: median of ${roundsIn(cost)} rounds (lowest..highest)`, [
      ...[one, steady, full].map((traffic) => addedTable(cost, none, traffic)),
      ratioTable(cost, comparisons, [one, steady, full]),
    ]);
    print(`Inspected: median of ${roundsIn(crowd)} rounds, ${roundsIn(cost)} at 64 (lowest..highest)`, [
      effectTable(cost, full),
      ...[many, bursts].map((traffic) => effectTable(crowd, traffic)),
    ]);
  } finally {
    await rig.stop();
  }
}

function print(title: string, tables: readonly string[]): void {
  process.stdout.write(`\n${title}\n\n${tables.join("\n")}\n`);
}

async function main(): Promise<number> {
  if (!isInNamespace()) {
    return runInNamespace(process.execPath, ["--require", "ts-node/register/transpile-only", __filename]);
  }
  await bench();
  return 0;
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
