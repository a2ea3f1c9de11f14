import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";
import type { StackOptions } from "../../stack/engine";
import { at, stringAt } from "../paths";
import { configMap, detailsFor, newer, operations, stateOf, type Contract } from "./contract";

const NEW_FIRST = ["create-replacement", "delete-replaced"];
const OLD_FIRST = ["delete-replaced", "create-replacement"];

/** One change of an object, and what it makes the engine do. */
interface Change {
  readonly title: string;
  /** Makes the object of the first or the second run in a namespace. */
  readonly make: (run: 1 | 2, namespace: string) => Resource;
  readonly operations: readonly string[];
  /** The changed properties that the preview names. */
  readonly details: Readonly<Record<string, string>>;
  readonly options?: StackOptions;
  /** Whether only a newer provider than the one that the suite builds does so. */
  readonly isNewer?: boolean;
}

const encode = (text: string): string => Buffer.from(text).toString("base64");

const CHANGES: readonly Change[] = [
  {
    title: "data of a Secret with a fixed name",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: "fixed", namespace },
        stringData: { key: `v${run}` },
      }),
    operations: OLD_FIRST,
    details: { "data.key": "update-replace" },
  },
  {
    title: "data of a Secret whose name changes with it",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: `fixed-${run}`, namespace },
        data: { key: encode(`v${run}`) },
      }),
    operations: NEW_FIRST,
    details: { "data.key": "update-replace", "metadata.name": "update-replace" },
  },
  {
    title: "data of a Secret that the provider named",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", { metadata: { namespace }, stringData: { key: `v${run}` } }),
    operations: NEW_FIRST,
    details: { "data.key": "update-replace" },
  },
  {
    title: "type of a Secret",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: "fixed", namespace },
        type: run === 1 ? "Opaque" : "example.com/other",
      }),
    operations: OLD_FIRST,
    details: { type: "update-replace" },
  },
  {
    title: "labels of a Secret",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: "fixed", namespace, labels: { run: `${run}` } },
        stringData: { key: "v" },
      }),
    operations: ["update"],
    details: { "metadata.labels.run": "update" },
  },
  {
    title: "data of a Secret when Secrets are mutable",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: "fixed", namespace },
        stringData: { key: `v${run}` },
      }),
    operations: ["update"],
    details: { "data.key": "update" },
    options: { env: { PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true" } },
  },
  {
    title: "data of an immutable Secret when Secrets are mutable",
    make: (run, namespace) =>
      new k8s.core.v1.Secret("object", {
        metadata: { name: "fixed", namespace },
        stringData: { key: `v${run}` },
        immutable: true,
      }),
    operations: OLD_FIRST,
    details: { "data.key": "update-replace" },
    options: { env: { PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true" } },
  },
  {
    title: "data of a ConfigMap with a fixed name",
    make: (run, namespace) =>
      new k8s.core.v1.ConfigMap("object", {
        metadata: { name: "fixed", namespace },
        data: { key: `v${run}` },
      }),
    operations: OLD_FIRST,
    details: { "data.key": "update-replace" },
  },
  {
    title: "a new key in a ConfigMap that the provider named",
    make: (run, namespace) =>
      new k8s.core.v1.ConfigMap("object", {
        metadata: { namespace },
        data: { key: "v", ...(run === 2 ? { more: "w" } : {}) },
      }),
    operations: NEW_FIRST,
    details: { "data.more": "add-replace" },
  },
  {
    title: "data of a ConfigMap when ConfigMaps are mutable",
    make: (run, namespace) =>
      new k8s.core.v1.ConfigMap("object", {
        metadata: { name: "fixed", namespace },
        data: { key: `v${run}` },
      }),
    operations: ["update"],
    details: { "data.key": "update" },
    options: { env: { PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE: "true" } },
  },
  {
    title: "name of an object",
    make: (run, namespace) =>
      new k8s.core.v1.ServiceAccount("object", { metadata: { name: `fixed-${run}`, namespace } }),
    operations: NEW_FIRST,
    details: { "metadata.name": "update-replace" },
  },
  {
    title: "selector of a Deployment",
    make: (run, namespace) => deployment(namespace, { app: `v${run}` }, "web:1"),
    operations: OLD_FIRST,
    details: {
      "spec.selector.matchLabels.app": "update-replace",
      "spec.template.metadata.labels.app": "update",
    },
  },
  {
    title: "image of a Deployment",
    make: (run, namespace) => deployment(namespace, { app: "v" }, `web:${run}`),
    operations: ["update"],
    details: { "spec.template.spec.containers[0].image": "update" },
  },
  {
    title: "clusterIP of a Service",
    make: (run, namespace) =>
      new k8s.core.v1.Service("object", {
        metadata: { name: "fixed", namespace },
        spec: { ports: [{ port: 80 }], clusterIP: run === 1 ? "None" : "10.96.200.7" },
      }),
    operations: OLD_FIRST,
    details: { "spec.clusterIP": "update-replace" },
    isNewer: true,
  },
  {
    title: "target port of a Service",
    make: (run, namespace) => service(namespace, 80, 8080 + run),
    operations: ["update"],
    details: { "spec.ports[0].targetPort": "update" },
  },
  {
    title: "role of a RoleBinding",
    make: (run, namespace) =>
      new k8s.rbac.v1.RoleBinding("object", {
        metadata: { name: "fixed", namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: `role-${run}` },
      }),
    operations: OLD_FIRST,
    details: { "roleRef.name": "update-replace" },
    isNewer: true,
  },
];

/** What is updated in place, what is replaced, and in which order. */
export function replacementContract(contract: () => Contract): void {
  for (const change of CHANGES) {
    const title = `${change.title}: ${change.operations.join(", then ")}`;
    const test = async (): Promise<void> => {
      let run: 1 | 2 = 1;
      const stack = await contract().stack(() => {
        change.make(run, contract().namespace);
        return Promise.resolve();
      }, change.options);
      await stack.up();
      run = 2;
      assert.deepEqual(detailsFor(await stack.preview(), "object"), change.details);
      assert.deepEqual(operations(await stack.up(), "object"), change.operations);
    };
    if (change.isNewer === true) {
      newer(contract, title, test);
    } else {
      it(title, test);
    }
  }

  it("gives the replacement of an object that the provider named another name", async () => {
    let value = "1";
    const stack = await contract().stack(() => {
      new k8s.core.v1.ConfigMap("object", { metadata: { namespace: contract().namespace }, data: { value } });
      return Promise.resolve();
    });
    await stack.up();
    const [, first = ""] = stringAt(await stateOf(stack, "object"), "id").split("/");
    value = "2";
    await stack.up();
    const [, second = ""] = stringAt(await stateOf(stack, "object"), "id").split("/");
    assert.notEqual(first, second);
    assert.equal(await contract().find(configMap(first)), undefined);
    assert.deepEqual(at(await contract().live(configMap(second)), "data"), { value: "2" });
  });

  it("drops a list item that is no longer wanted with the first update already", async () => {
    let port = 80;
    const stack = await contract().stack(() => {
      service(contract().namespace, port, 8080);
      return Promise.resolve();
    });
    await stack.up();
    port = 81;
    await stack.up();
    const ports = at(
      await contract().live({ apiVersion: "v1", kind: "Service", name: "fixed" }),
      "spec",
      "ports",
    );
    assert.deepEqual(ports, [{ name: "http", port: 81, protocol: "TCP", targetPort: 8080 }]);
  });

  it("sees no difference between equal quantities, and none in values that Kubernetes leaves out", async () => {
    let run = 1;
    const stack = await contract().stack(() => {
      const cpu = run === 1 ? "1000m" : "1";
      const memory = run === 1 ? "0.5Gi" : "512Mi";
      deployment(contract().namespace, { app: "v" }, "web:1", { requests: { cpu, memory } });
      return Promise.resolve();
    });
    await stack.up();
    for (run of [1, 2]) {
      assert.deepEqual(operations(await stack.up(), "object"), ["same"]);
    }
  });
}

function service(namespace: string, port: number, targetPort: number): Resource {
  return new k8s.core.v1.Service("object", {
    metadata: { name: "fixed", namespace },
    spec: { ports: [{ name: "http", port, targetPort }] },
  });
}

function deployment(
  namespace: string,
  labels: Record<string, string>,
  image: string,
  resources = {},
): Resource {
  return new k8s.apps.v1.Deployment("object", {
    metadata: { name: "fixed", namespace, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      paused: false,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { hostNetwork: false, containers: [{ name: "web", image, args: [], resources }] },
      },
    },
  });
}
