import assert from "node:assert/strict";
import { join } from "node:path";
import { parseObjects } from "../stack/apply";
import type { PlainObject } from "../stack/apply";
import { startCluster } from "../stack/cluster";
import type { Cluster } from "../stack/cluster";
import { createTemporaryFolder } from "../stack/temporaryFolder";
import type { TemporaryFolder } from "../stack/temporaryFolder";
import { subjectOf } from "./judges/finding";
import type { Finding, Judge, JudgeName, Subject } from "./judges/finding";
import { kubeconform } from "./judges/kubeconform";
import { kubeScore } from "./judges/kubeScore";
import { modelWorkload } from "./judges/modelWorkload";
import { monokle } from "./judges/monokle";
import { isWorkload, patchedWorkload } from "./judges/patchedWorkload";
import { podSecurity } from "./judges/podSecurity";
import { waivers } from "./judges/waivers";
import { leftOver, notWaived } from "./judges/waiving";
import { spoiled } from "./judges/spoiled";
import { exampleNames, renderExample } from "./renderedExample";

const judgeNames: readonly JudgeName[] = ["kubeconform", "kube-score", "Monokle", "Pod Security"];

describe("what the examples render, judged by others", function () {
  this.timeout(240_000);
  let folder: TemporaryFolder;
  let cluster: Cluster;
  let judges: readonly Judge[];
  const examples = new Map<string, Promise<Subject[]>>();
  const verdicts = new Map<string, Promise<readonly Finding[]>>();

  before(async () => {
    folder = createTemporaryFolder("judges");
    cluster = await startCluster({ istioCrds: true });
    const { kubeconfig } = cluster;
    judges = [
      await kubeconform(kubeconfig, folder.path),
      await kubeScore(),
      await monokle(),
      await podSecurity(kubeconfig),
    ];
  });
  after(async () => {
    folder.remove();
    await cluster.stop();
  });

  const judge = async (name: JudgeName, subjects: readonly Subject[]): Promise<readonly Finding[]> => {
    const found = judges.find((one) => one.name === name);
    assert.ok(found !== undefined);
    return found.judge(subjects);
  };
  const rendered = (example: string): Promise<Subject[]> =>
    once(examples, example, async () => {
      const objects = await renderExample(example, join(folder.path, example));
      assert.ok(objects.length >= 5, "an example renders five objects at least");
      const subjects = objects.map(({ object, text, isPatch }) =>
        isPatch && isWorkload(object) ? whole(object) : Promise.resolve([{ object, text }]),
      );
      return (await Promise.all(subjects)).flat();
    });
  /** A patch of a workload is judged by what it makes of one. */
  const whole = async (patch: PlainObject): Promise<Subject[]> => {
    const { workload, companions } = await patchedWorkload(cluster.kubeconfig, patch);
    return [workload, ...companions].map(subjectOf);
  };
  const verdict = (name: JudgeName, example: string): Promise<readonly Finding[]> =>
    once(verdicts, `${name} ${example}`, async () => judge(name, await rendered(example)));

  it("has examples to judge", () => {
    assert.ok(exampleNames.length >= 11);
  });

  for (const example of exampleNames) {
    for (const name of judgeNames) {
      it(`${example}: ${name} finds nothing that is not waived`, async () => {
        assert.deepEqual(notWaived(await verdict(name, example), waivers), []);
      });
    }
  }

  it("every waiver is still needed, and has a reason", async () => {
    const all: Finding[] = [];
    for (const example of exampleNames) {
      for (const name of judgeNames) {
        all.push(...(await verdict(name, example)));
      }
    }
    assert.deepEqual(leftOver(all, waivers), []);
    for (const { reason, checks } of waivers) {
      assert.ok(reason.length > 40, checks.join());
    }
  });

  it("a waiver for something that nobody finds is noticed", () => {
    const waiver = { judge: "kube-score", checks: ["a", "b"], objects: "* shop/w*", reason: "" } as const;
    const finding = { judge: "kube-score", check: "a", object: "Deployment shop/web", message: "" } as const;
    const other = { ...finding, check: "b", object: "Deployment shop/cart" };
    assert.deepEqual(notWaived([finding, other], [waiver]), [other]);
    assert.deepEqual(leftOver([finding, other], [waiver]), [{ ...waiver, checks: ["b"] }]);
    assert.deepEqual(notWaived([{ ...finding, container: "web" }], [waiver]).length, 1);
    assert.deepEqual(notWaived([{ ...finding, judge: "Monokle" }], [waiver]).length, 1);
  });

  for (const [title, { judge: name, check, spoil }] of Object.entries(spoiled)) {
    it(`${name} sees ${title}`, async () => {
      const subjects = await rendered("quickstart");
      const before = await verdict(name, "quickstart");
      const after = await judge(name, spoil(subjects));
      const added = after.filter((finding) => !before.some((one) => isSame(one, finding)));
      assert.deepEqual(new Set(added.map((finding) => finding.check)), new Set([check]));
    });
  }

  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"]) {
    describe(`a patch of a ${kind}`, () => {
      const patch = patchOf(kind);

      it("is judged on a workload that nobody has anything against", async () => {
        const { workload, companions } = modelWorkload(patch);
        for (const name of judgeNames) {
          assert.deepEqual(await judge(name, [workload, ...companions].map(subjectOf)), []);
        }
      });

      it("is blamed for the container that it adds, and for nothing else", async () => {
        const subjects = await whole(patch);
        for (const name of ["kube-score", "Monokle"] as const) {
          const containers = (await judge(name, subjects)).map(({ container }) => container);
          assert.ok(containers.includes("added"), name);
          assert.ok(!containers.includes("web"), name);
        }
        const [refused, ...more] = await judge("Pod Security", subjects);
        assert.match(refused?.message ?? "", /violates PodSecurity "restricted:latest".*container "added"/);
        assert.deepEqual(more, []);
        assert.deepEqual(await judge("kubeconform", subjects), []);
      });
    });
  }
});

function isSame(one: Finding, other: Finding): boolean {
  return one.check === other.check && one.object === other.object && one.message === other.message;
}

async function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

/** A patch that adds a container without any security context, as it would be written to a file. */
function patchOf(kind: string): PlainObject {
  const [patch] = parseObjects(`
apiVersion: apps/v1
kind: ${kind}
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: web
        - { name: added, image: "registry.example/added:1.0.0" }
      volumes:
        - name: cache
        - { name: added, emptyDir: {} }
`);
  assert.ok(patch !== undefined);
  return patch;
}
