import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import * as api from "../../src";
import { isRecord } from "../../src/pulumi/inputs";
import { describeProblem } from "../../src/validation/problem";
import type { ArgumentProblem } from "../../src/validation/problem";
import type { Shape } from "../../src/validation/shape";
import { integrationShape } from "../../src/validation/shapes/integration";

const smallest = {
  credentials: { site: "shop", accessKeyId: "id", secretAccessKey: "key" },
  targets: [{ name: "web", namespace: "shop" }],
};
const wrongValues: unknown[] = [
  ...["text", "8080", "true", "64k", "", "sidecar", "app=web", 5, 0.5, -1, true, false, null],
  ...[[], ["text"], [5], [{}], [{ name: "text" }], [["text"]], {}, { name: "text" }, { colour: 1 }],
];

/** Where a value stands: names of fields, and 0 for the entry of a list. */
type Way = readonly (string | 0)[];

/** Every argument that the shape knows, with the shape that it has. */
function waysOf(shape: Shape, way: Way = []): Way[] {
  return [...(shape.fields?.shapes ?? [])].flatMap(([name, field]) => {
    const here = [...way, name];
    return [here, ...waysOf(field, field.fields?.inList ? [...here, 0] : here)];
  });
}

function pathOf(way: Way): string {
  return way.reduce<string>(
    (path, step) => (step === 0 ? `${path}[0]` : path === "" ? step : `${path}.${step}`),
    "",
  );
}

/** The arguments with a value at a place, and with what else must be there on the way to it. */
function argsWith(way: Way, value: unknown): unknown {
  const at = (shape: Shape | undefined, holder: unknown, [step, ...rest]: Way): unknown => {
    if (step === undefined) {
      return value;
    }
    if (step === 0) {
      const entry: unknown = Array.isArray(holder) ? holder[0] : undefined;
      return [at(shape, entry, rest)];
    }
    const field = shape?.fields?.shapes.get(step);
    const own = isRecord(holder) ? holder : {};
    const [example] = field?.forms?.() ?? [];
    return { ...own, [step]: at(field, own[step] ?? example?.value, rest) };
  };
  return at(integrationShape, smallest, way);
}

/** What code of a program is, in which the exports of the package have their names. */
function evaluated(code: string): unknown {
  return runInNewContext(`(${code})`, { ...api });
}

/** The forms that an advice shows, as the values that they are in a program. */
function advised(remedy: string): unknown[] {
  if (remedy === "Leave it out.") {
    return [undefined];
  }
  const code = /^Write (.+?)(; `pulumi config set` takes it with `--type string`)?\.$/s.exec(remedy)?.[1];
  assert.ok(code !== undefined, remedy);
  // There are several of an enum, of true and false, and of a small bare number in place of a duration.
  const [, right = code] = /^\w+: (.+)$/s.exec(code) ?? [];
  const codes = /\{|", "/.test(right) ? [right] : right.split(/, | or /);
  return codes.map((one) => {
    return evaluated(one);
  });
}

/** Whether an advice shows a form; the others are in words. */
const isForm = (remedy: string): boolean =>
  /^Write (\w+: )?(["[{\d-]|true|false|[A-Z]\w+\.)/.test(remedy) || remedy === "Leave it out.";

const within = (problem: ArgumentProblem, path: string): boolean => problem.path.startsWith(path);
const ways = waysOf(integrationShape);

describe("the right form in a refusal", () => {
  it("is looked for at every argument", () => {
    assert.ok(ways.length > 182, String(ways.length));
  });

  it("is accepted when it is followed to the place where a field belongs", () => {
    const names = new Set(ways.map((way) => way.at(-1)).filter((name) => typeof name === "string"));
    const merged = (own: unknown, more: unknown): unknown => {
      if (Array.isArray(more)) {
        return more.map((one: unknown, index) => merged(Array.isArray(own) ? own[index] : undefined, one));
      }
      return isRecord(own) && isRecord(more)
        ? Object.fromEntries(
            [...new Set([...Object.keys(own), ...Object.keys(more)])].map((key) => [
              key,
              key in more ? merged(own[key], more[key]) : own[key],
            ]),
          )
        : more;
    };
    let followed = 0;
    for (const name of names) {
      for (const value of [5, "text", true, ["text"]]) {
        const problems = integrationShape({ ...smallest, [name]: value }, "");
        const [problem] = problems.filter(({ reason }) => reason.includes("; it is "));
        if (problem !== undefined && !problem.reason.includes(" or ")) {
          const code = problem.remedy.slice("Write ".length, -1);
          const right = evaluated(`{ ${code} }`);
          const left = integrationShape(merged(smallest, right), "");
          // What must stand beside it may be missing yet.
          assert.deepEqual(left.filter(({ path }) => path.includes(name)).map(describeProblem), []);
          followed += 1;
        }
      }
    }
    assert.ok(followed > 182, String(followed));
  });

  const silent = new Set(ways.map(pathOf));
  after("is shown everywhere but where anything is left to the API server", () => {
    const anything = ["appArmorProfile", "seLinuxOptions", "windowsOptions"];
    assert.deepEqual(
      [...silent],
      [
        "agent.resources.claims",
        ...[...anything, "supplementalGroups", "sysctls"].map((name) => `agent.podSecurityContext.${name}`),
        ...anything.map((name) => `sidecar.securityContext.${name}`),
        "observability.agentMetrics.resources.claims",
      ],
    );
  });

  for (const way of ways) {
    const path = pathOf(way);
    it(`is accepted when it is followed: ${path}`, () => {
      for (const value of wrongValues) {
        const refused = integrationShape(argsWith(way, value), "").filter((problem) => within(problem, path));
        for (const problem of refused.filter(({ path: at, remedy }) => at === path && isForm(remedy))) {
          silent.delete(path);
          for (const right of advised(problem.remedy)) {
            const left = integrationShape(argsWith(way, right), "").filter((one) => within(one, path));
            assert.deepEqual(left.map(describeProblem), [], describeProblem(problem));
          }
        }
      }
    });
  }
});
