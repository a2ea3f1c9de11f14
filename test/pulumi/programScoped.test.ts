import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isComponentHost } from "../../src/pulumi/componentHost";
import { ProgramScoped } from "../../src/pulumi/programScoped";

const runner = "/plugins/resource-x/plugin/node_modules/@pulumi/pulumi/cmd/run-plugin/index.js";

class Component extends pulumi.ComponentResource {
  constructor(name: string, provider?: pulumi.ProviderResource) {
    super("test:index:Component", name, {}, provider === undefined ? {} : { provider });
  }
}

/** A monitor as the host makes one for each component: a client of its own for the same address. */
async function monitorAt(address: string): Promise<void> {
  await pulumi.runtime.setMocks({
    newResource: ({ name }) => ({ id: name, state: {} }),
    call: () => ({}),
  });
  const monitor = pulumi.runtime.getMonitor() ?? assert.fail("no monitor");
  Reflect.set(monitor, "getChannel", () => ({ getTarget: () => address }));
}

describe("what the components of one program share", () => {
  const [, script = ""] = process.argv;
  const inHost = (): void => {
    process.argv[1] = runner;
  };
  afterEach(() => {
    process.argv[1] = script;
  });

  it("is one thing for all components that the host constructs in one run", async () => {
    inHost();
    assert.ok(isComponentHost());
    const scoped = new ProgramScoped(() => ({}));
    await monitorAt("127.0.0.1:1000");
    const first = scoped.of(new Component("one"));
    await monitorAt("127.0.0.1:1000");
    assert.equal(scoped.of(new Component("two")), first);
    await monitorAt("127.0.0.1:2000");
    assert.notEqual(scoped.of(new Component("one")), first);
  });

  it("knows a provider by its name there, as each component gets an object of its own for it", async () => {
    inHost();
    const scoped = new ProgramScoped(() => ({}));
    await monitorAt("127.0.0.1:3000");
    const provider = (name: string): k8s.Provider => new k8s.Provider(name, {});
    const first = scoped.of(new Component("one", provider("cluster")));
    assert.equal(scoped.of(new Component("two", provider("cluster"))), first);
    assert.notEqual(scoped.of(new Component("three", provider("other"))), first);
    assert.notEqual(scoped.of(new Component("four")), first);
  });

  it("is apart for two runs of programs in this process, at whatever address", async () => {
    const scoped = new ProgramScoped(() => ({}));
    await monitorAt("127.0.0.1:1000");
    const first = scoped.of(new Component("one"));
    assert.equal(scoped.of(new Component("two")), first);
    await monitorAt("127.0.0.1:1000");
    assert.notEqual(scoped.of(new Component("one")), first);
  });
});
