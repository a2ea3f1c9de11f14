import { reasonOf } from "../../stack/failure";
import { isInNamespace, runInNamespace } from "../namespace";
import { Rig } from "../rig";
import { measure, type Traffic, type Variant } from "./measure";
import { comparisonTable, variantTables } from "./report";

// Entry point of the data-path benchmark: one proxy, one app and one agent, all forms of configuration in one run.

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

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
  scenario: { name: "bench-ap", form: "AuthorizationPolicy", keepMeshLog: false },
};
const ourFilter: Variant = {
  title: "ours, EnvoyFilter",
  scenario: { name: "bench-ef", form: "EnvoyFilter", placement: "sidecar", keepMeshLog: false },
};

const traffics: readonly Traffic[] = [
  { title: "one connection", concurrency: 1, durationMs: 1000 },
  { title: "16 connections, 500 requests a second", concurrency: 16, rate: 500, durationMs: 1500 },
  { title: "64 requests at once", concurrency: 64, durationMs: 1500 },
  { title: "2,048 requests at once", concurrency: 2048, durationMs: 2500 },
];

async function bench(): Promise<void> {
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const rig = await Rig.start();
  try {
    // No access log of the mesh's own, as in Istio's default profile: nothing but the agent differs.
    rig.setAccessLogFile("");
    await rig.setProviders([]);
    const variants = [none, guideFilter, guideProviders, ourPolicy, ourFilter];
    const samples = await measure(rig, variants, traffics, rounds, say);
    process.stdout.write(`\nMedian of ${rounds} rounds (lowest to highest)\n\n${variantTables(samples)}\n\n`);
    const comparisons = [
      { title: "AuthorizationPolicy", none, guide: guideProviders, ours: ourPolicy },
      { title: "EnvoyFilter", none, guide: guideFilter, ours: ourFilter },
    ];
    process.stdout.write(`${comparisonTable(samples, comparisons)}\n`);
  } finally {
    await rig.stop();
  }
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
