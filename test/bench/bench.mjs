// What the package costs, as ratios and growth. Each figure is the median of several processes of their own; time is
// CPU time. A ratio beyond its bound is printed as OVER: on a busy machine it may be chance. One that is half as much
// again is no chance, and fails.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = join(root, "dist", "cli", "main.js");
const repetitions = Number(process.env.BENCH_REPETITIONS ?? 5);
/** How far beyond its bound a ratio may be before the run fails. */
const tolerance = 1.5;

function run(args, env = {}) {
  const options = { encoding: "utf8", env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  if (status !== 0) {
    throw new Error(`node ${args.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
  }
  return stdout;
}

/** The median of each figure, over processes that `measureOnce` starts one after the other. */
function medians(measureOnce) {
  const samples = Array.from({ length: repetitions }, measureOnce);
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return Object.fromEntries(
    Object.keys(samples[0]).map((key) => [key, median(samples.map((one) => one[key]))]),
  );
}

function measure(what, number = 0) {
  const script = fileURLToPath(new URL("measure.mjs", import.meta.url));
  return medians(() =>
    JSON.parse(
      run([script, what, String(number)])
        .trim()
        .split("\n")
        .at(-1),
    ),
  );
}

function writeProgram(folder, targets, workloads) {
  mkdirSync(folder);
  writeFileSync(join(folder, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
  const program = `
const { SigsciIstioIntegration } = require("pulumi-sigsci-istio");
new SigsciIstioIntegration("waf", {
  credentials: { site: "bench", accessKeyId: "access-key", secretAccessKey: "secret-key" },
  targets: Array.from({ length: ${targets} }, (_, index) => ({
    name: "target-" + index, namespace: "team-" + (index % 50), matchLabels: { app: "app-" + index },
  })),
});`;
  writeFileSync(join(folder, "index.js"), program);
  const manifests = Array.from({ length: workloads }, (_, index) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `app-${index}`, namespace: `team-${index % 50}` },
    spec: {
      selector: { matchLabels: { app: `app-${index}` } },
      template: {
        metadata: { labels: { app: `app-${index}`, version: "v1" } },
        spec: { containers: [{ name: "app", image: `registry.example/app-${index}:1.0.0` }] },
      },
    },
  }));
  writeFileSync(join(folder, "workloads.yaml"), manifests.map((one) => JSON.stringify(one)).join("\n---\n"));
  return folder;
}

function measureRender(folder, more = []) {
  const usage = join(folder, "usage.json");
  const preload = new URL("reportUsage.mjs", import.meta.url).href;
  const args = [
    "--import",
    preload,
    command,
    "render",
    folder,
    "--workloads",
    join(folder, "workloads.yaml"),
    ...more,
  ];
  return medians(() => {
    run(args, { BENCH_USAGE: usage });
    return JSON.parse(readFileSync(usage, "utf8"));
  });
}

function line(name, ratio, bound, details) {
  const verdict = ratio <= bound ? "ok" : ratio <= bound * tolerance ? "OVER" : "FAR OVER";
  if (verdict === "FAR OVER") {
    process.exitCode = 1;
  }
  console.log(
    `${name.padEnd(50)} ${ratio.toFixed(2).padStart(6)}  bound ${String(bound).padEnd(4)} ${verdict.padEnd(8)} ${details}`,
  );
}

const ms = (value) => `${value.toFixed(1)} ms`;
const mb = (value) => `${(value / 1e6).toFixed(0)} MB`;

function programFigures() {
  const bare = measure("import");
  const [one, hundred, thousand] = [1, 100, 1000].map((targets) => measure("program", targets));
  const times = `${ms(one.totalMs)} to ${ms(bare.totalMs)}`;
  line("program of 1 target to bare import, time", one.totalMs / bare.totalMs, 1.3, times);
  const sizes = `${mb(one.maxRssBytes)} to ${mb(bare.maxRssBytes)}`;
  line("program of 1 target to bare import, memory", one.maxRssBytes / bare.maxRssBytes, 1.3, sizes);
  // What the first target costs is the component's own; the further ones are the cost of a target.
  const timeOf = (program, targets) => (program.buildMs - one.buildMs) / (targets - 1);
  const [early, late] = [timeOf(hundred, 100), timeOf(thousand, 1000)];
  line("target at 1,000 to target at 100, time", late / early, 1.2, `${ms(late)} to ${ms(early)}`);
  const bareTarget = (measure("bare", 1000).buildMs - measure("bare", 1).buildMs) / 999;
  console.log(
    `${" ".repeat(51)}of which the SDK alone, for the two resources of a target: ${ms(bareTarget)}`,
  );
  const sizeOf = (program, targets) => (program.maxRssBytes - one.maxRssBytes) / (targets - 1);
  const [small, large] = [sizeOf(hundred, 100), sizeOf(thousand, 1000)];
  line(
    "target at 1,000 to target at 100, memory",
    large / small,
    1.2,
    `${mb(large * 1000)} to ${mb(small * 1000)} per 1,000`,
  );
}

/** The host itself loads a TypeScript compiler, whatever the plugin is. */
function pluginFigures() {
  run([join(root, "plugin", "build.mjs")]);
  const [plugin, bare, sdks] = ["plugin", "barePlugin", "import"].map((what) => measure(what));
  const times = `${ms(plugin.totalMs)} to ${ms(bare.totalMs)}`;
  line("plugin's first answer to one with the SDKs only", plugin.totalMs / bare.totalMs, 1.3, times);
  console.log(`${" ".repeat(51)}of which the import of the SDKs: ${ms(sdks.totalMs)}`);
}

function renderFigures(folder) {
  const small = measureRender(writeProgram(join(folder, "small"), 1, 5));
  const large = measureRender(writeProgram(join(folder, "large"), 1000, 5000));
  const times = `${ms(large.totalMs)} to ${ms(small.totalMs)}`;
  line("render of 1,000/5,000 to render of 1/5, time", large.totalMs / small.totalMs, 5, times);
  const both = measureRender(join(folder, "large"), [
    "--base",
    writeProgram(join(folder, "base"), 1000, 5000),
  ]);
  const compared = `${ms(both.totalMs)} to ${ms(large.totalMs)}`;
  line("render of 1,000/5,000 with a base to without, time", both.totalMs / large.totalMs, 2.2, compared);
  const sizes = `${mb(large.maxRssBytes)} to ${mb(small.maxRssBytes)}`;
  line("render of 1,000/5,000 to render of 1/5, memory", large.maxRssBytes / small.maxRssBytes, 5, sizes);
}

function mergeFigures() {
  const [half, full] = [500_000, 1_000_000].map((bytes) => measure("merge", bytes));
  const times = `${ms(full.mergeMs)} to ${ms(full.parsePrintMs)}`;
  line("merge into 1 MB to parse and print", full.mergeMs / full.parsePrintMs, 2, times);
  const plans = `${ms(full.planMs)} to ${ms(full.parsePrintMs)}`;
  line("whole plan for 1 MB to parse and print", full.planMs / full.parsePrintMs, 2, plans);
  // Twice the bytes and twice the entries: twice the time is linear; the rest is noise.
  line(
    "merge into 1 MB to merge into 0.5 MB",
    full.mergeMs / half.mergeMs,
    2.2,
    `${ms(full.mergeMs)} to ${ms(half.mergeMs)}`,
  );
}

if (!existsSync(command)) {
  throw new Error("dist is missing: run `npm run build` first");
}
const folder = mkdtempSync(join(tmpdir(), "sigsci-istio-bench-"));
try {
  console.log(`Medians of ${repetitions} processes each; time is CPU time.\n`);
  programFigures();
  pluginFigures();
  renderFigures(folder);
  mergeFigures();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
