import assert from "node:assert/strict";
import fc from "fast-check";
import { SidecarForm } from "../../src/args/sidecar";
import { planSidecarPatch } from "../../src/sidecar/patchPlan";
import type { SidecarPatchPlan, SidecarPatchTarget } from "../../src/sidecar/patchPlan";
import { SidecarRefusal } from "../../src/sidecar/refusal";
import { sidecarSettings } from "../../src/settings/sidecar";
import type { MeshOwner } from "../../src/kubernetes/ownership";
import { editedAnnotation, ownerMark } from "../../src/kubernetes/ownership";
import { agentInPod, agentVolume, nativeAgent } from "./expected";

interface Item {
  name: string;
}
interface Live {
  metadata: { name: string; resourceVersion: string; annotations?: Record<string, string> };
  spec: {
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        hostNetwork?: boolean;
        containers: Item[];
        initContainers?: Item[];
        volumes?: Item[];
      };
    };
  };
}

const owner: MeshOwner = { component: "shop/prod/waf", id: "id-1" };
const target: SidecarPatchTarget = {
  kind: "Deployment",
  namespace: "shop",
  name: "web",
  matchLabels: { app: "web" },
};
const settings = sidecarSettings({ secret: { name: "sigsci.shop" } });
const ordinary = sidecarSettings({ secret: { name: "sigsci.shop" }, form: SidecarForm.Container });
const ownerKey = "owner.pulumi-sigsci-istio/sigsci-agent";
const editedKey = editedAnnotation(owner.component);

function live(podSpec: Partial<Live["spec"]["template"]["spec"]> = {}): Live {
  return {
    metadata: { name: "web", resourceVersion: "7" },
    spec: {
      template: {
        metadata: { labels: { app: "web", team: "shop" } },
        spec: { containers: [{ name: "web" }], ...podSpec },
      },
    },
  };
}

const plan = (given: unknown, by = settings, as = owner): SidecarPatchPlan =>
  planSidecarPatch(given, by, target, as);

/** The live object after a server-side apply of the plan: lists are merged by name, what we no longer list of ours goes. */
function applied(before: Live, { podSpec, edited }: SidecarPatchPlan): Live {
  const spec = before.spec.template.spec;
  const merged = (present: Item[] = [], listed: unknown): Item[] => {
    const ours = (listed ?? []) as Item[];
    const kept = present.filter(
      ({ name }) => !name.startsWith("sigsci-") || ours.some((item) => item.name === name),
    );
    const updated = kept.map((item) => ({ ...item, ...ours.find(({ name }) => name === item.name) }));
    return [...updated, ...ours.filter(({ name }) => !kept.some((item) => item.name === name))];
  };
  return {
    metadata: {
      name: "web",
      resourceVersion: `${before.metadata.resourceVersion}1`,
      annotations: { [ownerKey]: ownerMark(owner), [editedKey]: edited },
    },
    spec: {
      template: {
        metadata: before.spec.template.metadata,
        spec: {
          containers: merged(spec.containers, podSpec.containers),
          initContainers: merged(spec.initContainers, podSpec.initContainers),
          volumes: merged(spec.volumes, podSpec.volumes),
        },
      },
    },
  };
}

describe("the plan of a sidecar patch", () => {
  it("adds a native sidecar and the volume behind the names that are there", () => {
    const given = live({ initContainers: [{ name: "migrate" }], volumes: [{ name: "cache" }] });
    assert.deepEqual(plan(given), {
      podSpec: {
        initContainers: [{ name: "migrate" }, nativeAgent],
        volumes: [{ name: "cache" }, agentVolume],
      },
      edited: "7",
      warnings: [],
    });
  });

  it("adds an ordinary container behind the names that are there", () => {
    const given = live({ containers: [{ name: "web" }, { name: "log" }] });
    assert.deepEqual(plan(given, ordinary).podSpec, {
      containers: [{ name: "web" }, { name: "log" }, agentInPod],
      volumes: [agentVolume],
    });
  });

  it("drops a volume of which nothing but the name is left, where the API server says who owns what", () => {
    const once = applied(live({ volumes: [{ name: "cache" }, { name: "gone" }] }), plan(live()));
    const item = (name: string): string => `k:{"name":"${name}"}`;
    const entry = (manager: string, volumes: object): object => ({
      manager,
      fieldsV1: { "f:spec": { "f:template": { "f:spec": { "f:volumes": volumes } } } },
    });
    const listed = { ".": {}, "f:name": {} };
    const managedFields = [
      entry("app-team", { [item("cache")]: { ...listed, "f:emptyDir": {} } }),
      entry("ours", { [item("cache")]: listed, [item("gone")]: listed }),
      { manager: "other", fieldsV1: { "f:status": {} } },
    ];
    const owned = { ...once, metadata: { ...once.metadata, managedFields } };
    assert.deepEqual(plan(owned).podSpec.volumes, [{ name: "cache" }, agentVolume]);
    assert.deepEqual(plan(once).podSpec.volumes, [{ name: "cache" }, { name: "gone" }, agentVolume]);
  });

  it("keeps its place among what was added later, and drops the names that went", () => {
    const first = applied(
      live({ volumes: [{ name: "cache" }, { name: "old" }] }),
      plan(live({ volumes: [{ name: "cache" }] })),
    );
    const spec = first.spec.template.spec;
    spec.initContainers?.push({ name: "warm-up" });
    spec.volumes = [...(spec.volumes ?? []).filter(({ name }) => name !== "cache"), { name: "new" }];
    const again = plan(first);
    assert.deepEqual(again.podSpec.initContainers, [nativeAgent, { name: "warm-up" }]);
    assert.deepEqual(again.podSpec.volumes, [{ name: "old" }, agentVolume, { name: "new" }]);
  });

  it("is the same once it is applied, whatever others add and remove", () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/);
    const items = fc.uniqueArray(fc.record({ name }), { selector: (item) => item.name, maxLength: 5 });
    const pods = fc.record({
      containers: items.map((list) => [{ name: "web0" }, ...list]),
      initContainers: fc.option(items, { nil: undefined }),
      volumes: fc.option(items, { nil: undefined }),
    });
    const both = fc.constantFrom(settings, ordinary);
    fc.assert(
      fc.property(pods, pods, both, both, fc.nat(5), (before, after, firstForm, secondForm, position) => {
        const first = plan(live(before), firstForm);
        const once = applied(live(before), first);
        assert.deepEqual(plan(once, firstForm), first);
        // Another manager changes its own items; ours stay where they get to.
        const upgraded = structuredClone(once);
        const pod = upgraded.spec.template.spec;
        for (const list of ["containers", "initContainers", "volumes"] as const) {
          const ours = (pod[list] ?? []).filter((item) => item.name.startsWith("sigsci-"));
          const others = after[list] ?? [];
          pod[list] = [...others.slice(0, position), ...ours, ...others.slice(position)];
        }
        const second = plan(upgraded, secondForm);
        const twice = applied(upgraded, second);
        assert.deepEqual(plan(twice, secondForm), second);
        const agents = [
          ...twice.spec.template.spec.containers,
          ...(twice.spec.template.spec.initContainers ?? []),
        ];
        assert.equal(agents.filter((item) => item.name === "sigsci-agent").length, 1);
        const listed = second.podSpec.volumes as Item[];
        assert.deepEqual(
          listed.map((item) => item.name),
          twice.spec.template.spec.volumes?.map((item) => item.name),
        );
      }),
    );
  });

  it("differs again when the live object lost the container, the volume or the mark of the edit", () => {
    const once = applied(live({ volumes: [{ name: "cache" }] }), plan(live()));
    assert.equal(plan(once).edited, "7");
    const replaced = { ...live(), metadata: { ...once.metadata } };
    assert.equal(plan(replaced).edited, "71");
    const withoutVolume = structuredClone(once);
    withoutVolume.spec.template.spec.volumes = [];
    assert.equal(plan(withoutVolume).edited, "71");
    const unmarked = structuredClone(once);
    unmarked.metadata.annotations = { [ownerKey]: ownerMark(owner) };
    assert.equal(plan(unmarked).edited, "71");
  });

  it("changes the form: the other list is no longer listed", () => {
    const once = applied(live(), plan(live()));
    const changed = plan(once, ordinary);
    assert.deepEqual(changed.podSpec, { containers: [{ name: "web" }, agentInPod], volumes: [agentVolume] });
    const back = applied(once, changed);
    assert.deepEqual(back.spec.template.spec.initContainers, []);
    assert.deepEqual(plan(back).podSpec, { initContainers: [nativeAgent], volumes: [agentVolume] });
  });

  it("says after a lost state, in the preview and in the update, whose the agent in the pods is", () => {
    const once = applied(live(), plan(live()));
    for (const id of ["", "another"]) {
      assert.throws(() => plan(once, settings, { component: owner.component, id }), {
        message:
          /put there by an earlier component of this name\n {4}If the state of the stack was lost, take the agent out/,
      });
    }
  });

  it("knows its own by the component's name before the id is known", () => {
    const once = applied(live(), plan(live()));
    assert.equal(plan(once, settings, { component: owner.component, id: undefined }).edited, "7");
  });
});

describe("the plan of a sidecar patch refuses", () => {
  const problems = (given: unknown, by = settings): string[] => {
    try {
      plan(given, by);
    } catch (error) {
      assert.ok(error instanceof SidecarRefusal, String(error));
      assert.match(error.message, /^Deployment shop\/web: /);
      return error.problems.map(({ path, reason }) => `${path}: ${reason}`);
    }
    return [];
  };
  const byHand = "and nothing says that this component put it there";

  it("an agent and a volume that somebody else put there", () => {
    const taken = live({ initContainers: [{ name: "sigsci-agent" }], volumes: [{ name: "sigsci-tmp" }] });
    assert.deepEqual(problems(taken), [
      `spec.template.spec.initContainers[0].name: the workload has a container of the agent's name already, ${byHand}`,
      `spec.template.spec.volumes[0].name: the workload has a volume of the agent's name already, ${byHand}`,
    ]);
    taken.metadata.annotations = { [ownerKey]: "pay/prod/waf#other" };
    assert.match(problems(taken)[0] ?? "", /already, put there by pay\/prod\/waf#other$/);
    taken.metadata.annotations = { [ownerKey]: "shop/prod/waf#earlier" };
    assert.equal(problems(taken).length, 2);
    taken.metadata.annotations = { [ownerKey]: ownerMark(owner) };
    assert.deepEqual(problems(taken), []);
  });

  it("an agent that another component put there, and says how it is renamed, moved or taken out", () => {
    const remedy = (mark: string): string => {
      const taken = live({ initContainers: [{ name: "sigsci-agent" }] });
      taken.metadata.annotations = { [ownerKey]: mark };
      try {
        plan(taken);
      } catch (error) {
        assert.ok(error instanceof SidecarRefusal);
        return error.problems.map((problem) => problem.remedy).join("|");
      }
      return "";
    };
    const here = remedy("shop/prod/shield#other");
    assert.match(here, /^If that component was renamed,.* `aliases: \[\{ name: "shield" \}\]`\.\n/);
    assert.match(
      here,
      /it takes two `pulumi up`.*first take the\n {4}target out of "shield", then add it here\.$/,
    );
    for (const elsewhere of ["pay/prod/shield#other", "shop/production/shield#other"]) {
      assert.equal(remedy(elsewhere), "Remove the target from that component first.");
    }
  });

  it("an agent that was added by hand in the other list", () => {
    const [first] = problems(live({ containers: [{ name: "web" }, { name: "sigsci-agent" }] }));
    assert.match(first ?? "", /containers\[1\].name: another container has the agent's name/);
  });

  it("labels by which the policy would not find the pods", () => {
    const given = live();
    given.spec.template.metadata.labels = { app: "shop" };
    assert.deepEqual(problems(given), [
      'spec.template.metadata.labels["app"]: the target\'s labels have app=web here, so its policy would not find these pods',
    ]);
  });

  it("pods on the node's network and taken ports, also after its first run", () => {
    const pods = { hostNetwork: true, containers: [{ name: "web", ports: [{ containerPort: 9999 }] }] };
    const paths = [
      "spec.template.spec.hostNetwork",
      "spec.template.spec.containers[0].ports[0].containerPort",
    ];
    const pathsOf = (list: string[]): string[] => list.map((text) => text.split(": ")[0] ?? "");
    assert.deepEqual(pathsOf(problems(live(pods))), paths);
    const marked = live(pods);
    marked.metadata.annotations = { [ownerKey]: ownerMark(owner) };
    assert.deepEqual(pathsOf(problems(marked)), paths);
  });

  it("what has no pods", () => {
    for (const nothing of [undefined, null, {}, { spec: { template: { spec: { containers: "web" } } } }]) {
      assert.match(problems(nothing).at(-1) ?? "", /^spec.template.spec: there is no pod template/);
    }
  });
});
