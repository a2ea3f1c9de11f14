import { reasonOf } from "../../stack/failure";
import { isInNamespace, runInNamespace } from "../namespace";
import { Rig } from "../rig";
import { measure, type Traffic, type Variant } from "./measure";
import { addedTable, effectTable, ratioTable } from "./report";

// Entry point of the data-path benchmark: one proxy, one app and one agent, all forms of configuration in one run.

/** Rounds that measure cost, and rounds that measure what escapes inspection. */
const [costRounds, crowdRounds] = [
  Number(process.env.BENCH_ROUNDS ?? 4),
  Number(process.env.BENCH_CROWD_ROUNDS ?? 2),
];

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

const one: Traffic = { title: "1 connection", concurrency: 1, durationMs: 800 };
const steady: Traffic = { title: "500 requests/s", concurrency: 16, rate: 500, durationMs: 1200 };
const full: Traffic = { title: "64 at once", concurrency: 64, durationMs: 1200 };
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
    const cost = await measure(rig, [[none], filters, policies], [one, steady, full], costRounds, say);
    const crowds = [
      [...filters, patientFilter],
      [...policies, patientPolicy],
    ];
    const crowd = await measure(rig, crowds, [many, bursts], crowdRounds, say);
    const comparisons = [
      { title: "policy", guide: guideProviders, ours: ourPolicy },
      { title: "filter", guide: guideFilter, ours: ourFilter },
    ];
    print(`Median of ${costRounds} rounds (lowest..highest)`, [
      ...[one, steady, full].map((traffic) => addedTable(cost, none, traffic)),
      ratioTable(cost, comparisons, [one, steady, full]),
    ]);
    print(`What is inspected: median of ${crowdRounds} rounds, ${costRounds} at 64 (lowest..highest)`, [
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
