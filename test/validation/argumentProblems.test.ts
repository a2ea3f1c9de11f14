import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { argumentProblems, argumentWarnings } from "../../src/validation";
import { describeProblem } from "../../src/validation/problem";
import { smallest } from "../component/program";

const messages = (args: Partial<SigsciIstioIntegrationArgs>, name = "waf"): string[] =>
  argumentProblems(name, { ...smallest, ...args }).map(describeProblem);
const at = (
  namespace: string,
  matchLabels?: Record<string, string>,
): Partial<SigsciIstioIntegrationArgs> => ({
  targets: [{ name: "web", namespace, ...(matchLabels && { matchLabels }) }],
});

describe("argumentProblems", () => {
  it("accepts the smallest program", () => {
    assert.deepEqual(messages({}), []);
  });

  const pathsOf = (args: object): string[] =>
    argumentProblems("waf", { ...smallest, ...args }).map(({ path }) => path);

  it("reports what is wrong beside a wrong type at once", () => {
    assert.deepEqual(pathsOf({ targets: [], teardown: "yes" }), ["targets", "teardown"]);
    assert.deepEqual(
      pathsOf({
        inspection: { timeout: "5" },
        placement: "daemonset",
        targets: [{ name: "Store_front", namespace: "shop" }],
      }),
      ["inspection.timeout", "targets[0].name", "placement"],
    );
    // Whatever the placement, and whichever of the two durations, is meant.
    assert.deepEqual(pathsOf({ inspection: { timeout: 5, statusOnError: 503 }, placement: "Daemon" }), [
      "inspection.timeout",
      "inspection.statusOnError",
      "placement",
    ]);
    assert.deepEqual(
      argumentProblems("waf", { ...smallest, credentials: { site: "shop", existing: "x" } }).map(
        describeProblem,
      ),
      [
        "credentials.existing: there is no such argument\n" +
          "    Known are: accessKeyId, existingSecret, secretAccessKey, site.",
        "credentials: the agent does not start without keys, and neither keys nor a Secret are given\n" +
          "    Give site, accessKeyId and secretAccessKey (the console shows both under the site's agent keys), or existingSecret.",
      ],
    );
  });

  it("does not refuse what it shows as an example itself", () => {
    const credentials = { ...smallest.credentials, site: undefined };
    assert.deepEqual(pathsOf({ credentials, site: pulumi.output("shop") }), ["site"]);
    assert.deepEqual(pathsOf({ targets: ["web", "api"] }), ["targets[0]", "targets[1]"]);
    assert.deepEqual(pathsOf({ agent: { startupProbe: { port: "http" } } }), ["agent.startupProbe.port"]);
    assert.deepEqual(messages({ mesh: true } as object), [
      "mesh = true: it must be an object\n    Write mesh: { strategy: MeshConfigStrategy.Patch }.",
    ]);
  });

  it("says at once what is refused next when the advice is followed", () => {
    const [misplaced, next, ...others] = messages({ replicas: 2 } as object);
    assert.equal(
      misplaced,
      "replicas: there is no such argument here; it is agent.replicas\n    Write agent: { replicas: 2 }.",
    );
    assert.match(next ?? "", /^agent\.replicas = 2: checks are spread over all agents/);
    assert.deepEqual(others, []);
    assert.deepEqual(pathsOf({ replicas: 2, agent: { expectResponseData: false } }), ["replicas"]);
    assert.deepEqual(pathsOf({ sidecar: "Container" }), ["sidecar", "sidecar"]);
    assert.deepEqual(pathsOf({ placement: "sidecar", sidecar: "Container" }), ["placement", "sidecar"]);
    assert.deepEqual(pathsOf({ placement: "sidecar", replicas: 2 }), [
      "replicas",
      "agent.replicas",
      "placement",
    ]);
    assert.deepEqual(pathsOf({ inspection: { statusOnError: "503" } }), [
      "inspection.statusOnError",
      "inspection.statusOnError",
    ]);
    // Only what is refused with each of the placements.
    assert.deepEqual(pathsOf({ placement: "Daemon", replicas: 2 }), ["replicas", "placement"]);
    assert.deepEqual(pathsOf({ placement: "Daemon", sidecar: {} }), ["placement"]);
  });

  it("reports every group of arguments at once", () => {
    assert.deepEqual(
      argumentProblems("waf", {
        credentials: {},
        namespace: "A",
        agent: { port: 0 },
        inspection: { timeout: "0.2" },
        mesh: { revisions: [] },
        targets: [],
        labels: { "a b": "x" },
        annotations: { "a b": "x" },
      }).map(({ path }) => path),
      [
        "namespace",
        "credentials",
        "agent.port",
        "inspection.timeout",
        "mesh.revisions",
        "targets",
        'labels["a b"]',
        'annotations["a b"]',
      ],
    );
  });

  it("refuses a name of the component that its objects cannot have", () => {
    const remedy = "Use lower case letters, digits and hyphens, for example waf.";
    const message = (name: string, reason: string): string =>
      `(name of the component) = '${name}': Kubernetes objects and mesh providers are named after it, and ${reason}\n    ${remedy}`;
    const reason =
      "only lower-case letters, digits and hyphens are allowed, with a letter first and no hyphen last";
    assert.equal(messages({}, "Waf")[0], message("Waf", reason));
    assert.equal(messages({}, "1waf")[0], message("1waf", reason));
    assert.deepEqual(messages({}, "a".repeat(52)), []);
    assert.deepEqual(messages({}, "a".repeat(53)), [
      message("a".repeat(53), "it has more than 52 characters"),
    ]);
  });

  it("refuses a target that selects the agent's own pods", () => {
    const message =
      "targets[0]: it also selects the agent's own pods, so each check would cause another check\n" +
      "    Give labels that the agent does not carry, or put the agent into another namespace.";
    const own = { createNamespace: false };
    const inAgents = (labels?: Record<string, string>): object => ({ ...at("sigsci", labels), ...own });
    assert.deepEqual(messages(inAgents()), [message]);
    assert.deepEqual(messages(inAgents({ app: "waf-agent" })), [message]);
    assert.deepEqual(messages({ ...at("pay"), ...own, namespace: "pay" }), [message]);
    assert.deepEqual(messages({ ...inAgents({ tier: "x" }), agent: { podLabels: { tier: "x" } } }), [
      message,
    ]);
    assert.deepEqual(messages(at("istio-system", { app: "waf-agent" })), [message]);
    assert.deepEqual(messages(inAgents({ app: "web" })), []);
    assert.deepEqual(messages({ ...at("sigsci"), namespace: "security" }), []);
  });

  it("refuses the whole mesh", () => {
    const message = (namespace: string): string =>
      `targets[0]: ${namespace} is Istio's root namespace, so a policy without labels applies to the whole mesh\n` +
      "    Give matchLabels, or list the namespaces that you mean as targets.";
    assert.deepEqual(messages(at("istio-system")), [message("istio-system")]);
    assert.deepEqual(messages({ ...at("mesh"), mesh: { istioNamespace: "mesh" } }), [message("mesh")]);
    assert.deepEqual(messages({ ...at("istio-system"), mesh: { istioNamespace: "mesh" } }), []);
    assert.deepEqual(messages(at("istio-system", { app: "gateway" })), []);
  });

  it("skips places that are known only later", () => {
    const later = pulumi.output("sigsci");
    assert.deepEqual(messages({ targets: [{ name: "web", namespace: later }] }), []);
    assert.deepEqual(messages({ ...at("pay"), namespace: pulumi.output("pay") }), []);
    assert.deepEqual(messages({ ...at("mesh"), mesh: { istioNamespace: pulumi.output("mesh") } }), []);
  });

  it("refuses common labels that the component needs, and bad ones", () => {
    const message = (key: string): string =>
      `labels["${key}"] = 'x': the component needs this label itself\n    Use another label key.`;
    for (const key of ["app", "app.kubernetes.io/name", "sidecar.istio.io/inject"]) {
      assert.deepEqual(messages({ labels: { [key]: "x" } }), [message(key)]);
    }
    const reason =
      "only letters, digits, hyphens, underscores and dots are allowed, with a letter or a digit at both ends";
    assert.deepEqual(messages({ labels: { team: "a b", later: pulumi.output("a b") } }), [
      `labels["team"] = 'a b': ${reason}\n    Use a valid Kubernetes label value.`,
    ]);
    assert.deepEqual(messages({ annotations: { "a b": "any text" } }), [
      `annotations["a b"]: as a key, ${reason}\n    Use a valid Kubernetes annotation key.`,
    ]);
  });

  it("refuses several replicas with response data, and says the ways out", () => {
    assert.deepEqual(messages({ agent: { replicas: 2 } }).length, 1);
    assert.match(messages({ agent: { replicas: 2 } })[0] ?? "", /^agent\.replicas = 2: /);
    assert.deepEqual(messages({ agent: { replicas: 2, expectResponseData: false } }), []);
  });
});

describe("an argument that would have no effect, or do harm", () => {
  it("is a status for refused requests while none are refused", () => {
    const reason = "with failOpen, which is true unless it is set, a request that cannot be checked passes";
    const message =
      `inspection.statusOnError = 503: ${reason}\n` +
      "    Write failOpen: false to refuse such requests with this status, or leave it out.";
    assert.deepEqual(messages({ inspection: { statusOnError: 503 } }), [message]);
    assert.deepEqual(messages({ inspection: { statusOnError: 503, failOpen: true } }), [message]);
    assert.deepEqual(messages({ inspection: { statusOnError: 503, failOpen: false } }), []);
    assert.deepEqual(messages({ inspection: { statusOnError: 503 }, teardown: true }), []);
  });

  const takenOver =
    'and the component would take it over: its pods would have to meet the Pod Security profile "restricted", and ' +
    'destroy would delete it\n    Write namespace: "sigsci", or createNamespace: false for one that is there. If this stack ' +
    "has created it, first take it out of its state with `pulumi state delete`: otherwise the next `pulumi up` deletes " +
    "the namespace.";
  for (const namespace of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
    it(`is the creation of ${namespace}`, () => {
      const message = `namespace = '${namespace}': every cluster has this namespace, ${takenOver}`;
      assert.deepEqual(messages({ namespace }), [message]);
      assert.deepEqual(messages({ namespace, createNamespace: false }), []);
      assert.deepEqual(messages({ namespace: pulumi.output(namespace) }), []);
    });
  }

  it("is the creation of Istio's own namespace", () => {
    const message = (namespace: string): string =>
      `namespace = '${namespace}': Istio is installed in this namespace, ${takenOver}`;
    assert.deepEqual(messages({ namespace: "istio-system" }), [message("istio-system")]);
    assert.deepEqual(messages({ namespace: "istio-system", createNamespace: false }), []);
    assert.deepEqual(messages({ namespace: "mesh", mesh: { istioNamespace: "mesh" } }), [message("mesh")]);
    assert.deepEqual(messages({ namespace: "istio-system", mesh: { istioNamespace: "mesh" } }), []);
  });

  it("is the creation of a namespace of the application", () => {
    const reason = "the workloads of targets[1] are in this namespace";
    const targets = [
      { name: "web", namespace: "web" },
      { name: "shop", namespace: "shop", matchLabels: { app: "web" } },
    ];
    assert.deepEqual(messages({ namespace: "shop", targets }), [
      `namespace = 'shop': ${reason}, ${takenOver}`,
    ]);
    assert.deepEqual(messages({ namespace: "shop", targets, createNamespace: false }), []);
    const own = [{ name: "all", namespace: "sigsci", matchLabels: { app: "web" } }];
    assert.match(messages({ targets: own }).join(), /Write namespace: "waf", or createNamespace: false/);
  });

  it("is none of these while the stack that did so is torn down", () => {
    assert.deepEqual(messages({ namespace: "istio-system", teardown: true }), []);
  });

  it("is a pod that the created namespace refuses", () => {
    const problem = (field: string, value: string, right: string): string =>
      `agent.podSecurityContext.${field} = ${value}: the namespace that the component creates enforces the Pod ` +
      'Security profile "restricted", which refuses it\n' +
      `    Write ${right}, or createNamespace: false with a namespace of your own.`;
    const podSecurityContext = {
      runAsNonRoot: false,
      runAsUser: 0,
      seccompProfile: { type: "Unconfined" },
    };
    assert.deepEqual(messages({ agent: { podSecurityContext } }), [
      problem("runAsNonRoot", "false", "runAsNonRoot: true"),
      problem("runAsUser", "0", "runAsUser: 100"),
      problem("seccompProfile.type", "'Unconfined'", 'type: "RuntimeDefault"'),
    ]);
    const more = {
      seccompProfile: { type: "runtimeDefault" },
      appArmorProfile: { type: "Unconfined" },
      windowsOptions: { hostProcess: true },
      seLinuxOptions: { user: "u", role: "r", type: "container_t" },
    };
    assert.deepEqual(messages({ agent: { podSecurityContext: more } }), [
      problem("seccompProfile.type", "'runtimeDefault'", 'type: "RuntimeDefault"'),
      problem("appArmorProfile.type", "'Unconfined'", 'type: "RuntimeDefault"'),
      problem("windowsOptions.hostProcess", "true", "hostProcess: false"),
      problem("seLinuxOptions.user", "'u'", "seLinuxOptions without user"),
      problem("seLinuxOptions.role", "'r'", "seLinuxOptions without role"),
    ]);
    assert.deepEqual(messages({ agent: { podSecurityContext }, createNamespace: false }), []);
    const right = { runAsNonRoot: true, runAsUser: 100, seccompProfile: { type: "RuntimeDefault" } };
    assert.deepEqual(messages({ agent: { podSecurityContext: right } }), []);
  });
});

describe("argumentWarnings", () => {
  const today = new Date("2026-09-20");
  const warnings = (args: Partial<SigsciIstioIntegrationArgs>): string[] =>
    argumentWarnings({ ...smallest, ...args }, today);

  it("is silent about the smallest program", () => {
    assert.deepEqual(warnings({}), []);
  });

  it("says what the created namespace wants of a pod and is not given", () => {
    const warning = (missing: string): string =>
      "agent.podSecurityContext: the namespace that the component creates enforces the Pod Security profile " +
      `"restricted", which refuses pods without ${missing}. Add it.`;
    const seccomp = 'seccompProfile: { type: "RuntimeDefault" }';
    const given = (podSecurityContext: object, more = {}): string[] =>
      warnings({ agent: { podSecurityContext }, ...more });
    assert.deepEqual(given({ runAsNonRoot: true, runAsUser: 1000 }), [warning(seccomp)]);
    assert.deepEqual(given({ runAsUser: 1000 }), [warning(`runAsNonRoot: true and ${seccomp}`)]);
    assert.deepEqual(given({ runAsUser: 1000, runAsNonRoot: null, seccompProfile: null }), [
      warning(`runAsNonRoot: true and ${seccomp}`),
    ]);
    assert.deepEqual(given({ runAsUser: 1000 }, { createNamespace: false }), []);
    assert.deepEqual(
      given({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } }),
      [],
    );
    // OpenShift fills in all of it.
    assert.deepEqual(given({}), []);
    assert.deepEqual(warnings({ agent: { podSecurityContext: pulumi.output({ runAsUser: 1000 }) } }), []);
  });

  it("says which fields of Kubernetes objects are not known", () => {
    const warning = (path: string): string =>
      `${path}: no such field is known here. Check its name; an older API server refuses what only a newer one knows.`;
    const profile = {
      runAsNonRoot: true,
      runAsUser: 100,
      seccompProfile: { type: "Localhost", colour: "x" },
    };
    const agent = {
      podSecurityContext: profile,
      tolerations: [{ key: "a" }, { colour: "x" }],
      resources: { limits: { "example.com/gpu": "1" } },
    };
    assert.deepEqual(warnings({ agent }), [
      warning("agent.podSecurityContext.seccompProfile.colour"),
      warning("agent.tolerations[1].colour"),
    ]);
  });

  it("says that an istiod of another revision ignores labelled policies", () => {
    const warning = (others: string): string =>
      `labels["istio.io/rev"] = canary: the policies carry it too, and an istiod of another revision (${others}) ` +
      "ignores them, so its workloads are not inspected. Remove the label, or write " +
      'mesh: { revisions: ["canary"] } if all targets have this revision.';
    const labels = { "istio.io/rev": "canary" };
    assert.deepEqual(warnings({ labels }), [warning("default")]);
    assert.deepEqual(warnings({ labels, mesh: { revisions: ["canary", "stable", "old"] } }), [
      warning("stable, old"),
    ]);
    assert.deepEqual(warnings({ labels, mesh: { configMapName: "istio-canary" } }), [
      warning("default").replace('["canary"] }', '["canary"] } in place of mesh.configMapName'),
    ]);
    assert.deepEqual(warnings({ labels, mesh: { revisions: ["canary"] } }), []);
    assert.deepEqual(warnings({ labels: { "istio.io/rev": "default" } }), []);
  });

  it("says what a target in the root namespace does not get", () => {
    const message =
      "targets[0] is in Istio's root namespace: its policy applies to workloads with these labels in every " +
      "namespace, but its Telemetry only to those in the root namespace.";
    assert.deepEqual(warnings(at("istio-system", { app: "gateway" })), [message]);
    assert.deepEqual(warnings({ ...at("mesh", { app: "x" }), mesh: { istioNamespace: "mesh" } }), [message]);
    assert.deepEqual(warnings({ ...at("istio-system", { app: "x" }), mesh: { istioNamespace: "mesh" } }), []);
  });

  it("joins those of the agent and of the inspection", () => {
    const given = warnings({ agent: { image: { tag: "latest" } }, inspection: { failOpen: false } });
    assert.match(given[0] ?? "", /^agent\.image: /);
    assert.match(given.at(-1) ?? "", /^inspection\.failOpen is false/);
  });
});
