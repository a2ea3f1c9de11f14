// `npm run mutate [folder …] [-- --minutes N]`: changes what decides, one place at a time, and counts the changes that
// some unit test notices. Not part of CI: CONTRIBUTING.md says when it is worth its time.
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "30" },
    tests: { type: "string", multiple: true, default: ["test/mesh", "test/enforcement", "test/sidecar"] },
    "at-least": { type: "string", default: "90" },
  },
});
const folders = positionals.length > 0 ? positionals : ["src/mesh", "src/enforcement", "src/sidecar"];
const files = (folder, end) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(end))
    .sort()
    .map((file) => join(root, folder, file));
const sources = folders.flatMap((one) => files(one, ".ts"));
const tests = values.tests
  .flatMap((one) => files(one, ".test.ts"))
  .filter((file) => !file.startsWith(join(root, "test/e2e")));
// A mutant that ends nowhere counts as noticed.
const stuckAfter = 90_000;

function start(task) {
  const worker = fork(join(root, "test/mutation/worker.mjs"), {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  worker.send({ root, sources, tests, testTimeout: 20_000, ...task });
  return worker;
}

/** Which tests meet which mutant: the quick ones, then the slow ones. */
async function meetings() {
  const worker = start({});
  const answer = await new Promise((done, failed) => {
    worker.once("message", done);
    worker.once("exit", (code) => failed(new Error(`the tests could not be run (${code})`)));
  });
  worker.kill();
  if (answer.failures > 0) {
    throw new Error(`a test fails without any change: ${answer.first}`);
  }
  const met = answer.mutants.map(() => [[], []]);
  const slow = new Set(answer.slow);
  for (const [name, ids] of answer.found.filter(([name]) => name !== "")) {
    for (const id of ids) {
      met[id][slow.has(name) ? 1 : 0].push(name);
    }
  }
  return { met, mutants: answer.mutants };
}

/** A fixed order in which any beginning is a fair sample. */
function shuffled(ids) {
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647);
  return ids
    .map((id) => [random(), id])
    .sort(([a], [b]) => a - b)
    .map(([, id]) => id);
}

/** Tries mutants until all are or the time is up; a worker that hangs or ends is replaced. */
async function tryAll(met, queue, report) {
  let rest = queue;
  while (rest.length > 0 && Date.now() < deadline) {
    const worker = start({ met, queue: rest });
    let current;
    await new Promise((done) => {
      let watch;
      const expect = () => {
        clearTimeout(watch);
        watch = setTimeout(() => worker.kill("SIGKILL"), stuckAfter);
      };
      expect();
      worker.on("message", ({ started, ended, killed, done: isDone }) => {
        expect();
        if (started !== undefined) {
          current = started;
        } else if (ended !== undefined) {
          report(ended, killed);
          rest = rest.filter((id) => id !== ended);
          current = undefined;
        }
        if (isDone || (current === undefined && Date.now() > deadline)) {
          worker.kill("SIGKILL");
        }
      });
      worker.once("exit", () => {
        clearTimeout(watch);
        done();
      });
    });
    if (current !== undefined && Date.now() < deadline) {
      report(current, true);
      rest = rest.filter((id) => id !== current);
    }
  }
}

const { met, mutants } = await meetings();
const isMet = ({ id }) => met[id].some(({ length }) => length > 0);
const reachable = mutants.filter(isMet).map(({ id }) => id);
console.log(`${mutants.length} mutants, ${reachable.length} of them met by a test.`);
const results = new Map();
const deadline = Date.now() + Number(values.minutes) * 60_000;
await tryAll(met, shuffled(reachable), (id, killed) => {
  results.set(id, killed);
  if (!killed) {
    const { file, line, change } = mutants[id];
    console.log(`survived ${file}:${line}: ${change.replace(/\s+/g, " ")}`);
  }
});
const unmet = mutants.filter((one) => !isMet(one));
const killed = [...results.values()].filter(Boolean).length;
const score = (100 * killed) / results.size;
for (const { file, line, change } of unmet) {
  console.log(`not met ${file}:${line}: ${change.replace(/\s+/g, " ")}`);
}
console.log(
  `${killed} of ${results.size} mutants noticed: ${score.toFixed(1)} %; ${unmet.length} met by no test.`,
);
process.exitCode = score >= Number(values["at-least"]) ? 0 : 1;
