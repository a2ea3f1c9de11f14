import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");

/** What an expression over the demo's module gives, as JSON; the module is an ES module, which tests cannot load. */
function evaluate(expression: string): unknown {
  const program = `import { adviceOnTargets, takeTargets } from "./scripts/demoTargets.mjs";
    console.log(JSON.stringify(${expression}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return JSON.parse(stdout.trim() === "undefined" ? "null" : stdout);
}

const workload = (name: string, labels: object, proxy = "sidecar"): object => ({
  namespace: "shop",
  name,
  kind: "Deployment",
  labels,
  injection: { proxy },
});

describe("npm run demo", () => {
  it("takes targets out of its arguments, each with a name of its own", () => {
    const given = ["--target", "shop/app=web", "--mesh", "m.yaml", "--target=blog/app=web,track=stable"];
    const more = ["--target", "pay/app.kubernetes.io/name=Check_Out", "--target", "pay/id=1"];
    assert.deepEqual(evaluate(`takeTargets(${JSON.stringify([...given, ...more])})`), {
      rest: ["--mesh", "m.yaml"],
      targets: [
        { name: "web", namespace: "shop", matchLabels: { app: "web" } },
        { name: "web-2", namespace: "blog", matchLabels: { app: "web", track: "stable" } },
        { name: "check-out", namespace: "pay", matchLabels: { "app.kubernetes.io/name": "Check_Out" } },
        { name: "target-1", namespace: "pay", matchLabels: { id: "1" } },
      ],
    });
  });

  for (const text of ["", "shop", "app=web", "shop/app", "shop/a=b=c", "/app=web"]) {
    it(`refuses the target "${text}" with the right form`, () => {
      const { status, stderr } = spawnSync(process.execPath, ["scripts/demo.mjs", "--target", text], {
        cwd: root,
        encoding: "utf8",
      });
      assert.equal(stderr, `--target ${text}: expected NAMESPACE/key=value, such as shop/app=web\n`);
      assert.equal(status, 2);
    });
  }

  it("says what was found and how to choose, where a target selects nothing", () => {
    const workloads = [
      workload("web-v1", { version: "v1", app: "web" }),
      workload("web-v2", { app: "web" }),
      workload("cart", { version: "v1", tier: "back" }),
      workload("job", { app: "job" }, "none"),
    ];
    const target = { namespace: "shop", matchLabels: { app: "wep" } };
    assert.equal(
      evaluate(`adviceOnTargets(${JSON.stringify(workloads)}, [${JSON.stringify(target)}])`),
      [
        "No pods of the given workloads have what is to be protected: shop/app=wep.",
        "Found in the mesh; choose with --target, once or more:",
        "  --target shop/app=web    Deployment web-v1, Deployment web-v2",
        "  --target shop/tier=back    Deployment cart",
      ].join("\n"),
    );
    const found = { namespace: "shop", matchLabels: { app: "web" } };
    assert.equal(evaluate(`adviceOnTargets(${JSON.stringify(workloads)}, [${JSON.stringify(found)}])`), null);
  });
});
