import assert from "node:assert/strict";
import { targetSummary } from "../../src/enforcement/targetSummary";

const requestsOf = (conditions: object): string[] =>
  targetSummary({ name: "t", namespace: "n", ...conditions }, "n").requests;

describe("targetSummary", () => {
  it("says who and that every request is inspected", () => {
    assert.deepEqual(targetSummary({ name: "storefront", namespace: "later" }, "shop", { app: "web" }), {
      name: "storefront",
      kind: "Workload",
      namespace: "shop",
      matchLabels: { app: "web" },
      targetRefs: [],
      requests: ["every request"],
    });
  });

  it("has no labels for a whole namespace", () => {
    assert.deepEqual(targetSummary({ name: "all", namespace: "shop" }, "shop").matchLabels, {});
  });

  it("puts every condition into words", () => {
    assert.deepEqual(
      requestsOf({
        paths: ["/a", "/b"],
        notPaths: ["/c"],
        methods: ["GET"],
        notMethods: ["POST"],
        hosts: ["h"],
        notHosts: ["i"],
        ports: [80, 81],
        notPorts: [82],
        ipBlocks: ["10.0.0.0/8"],
        notIpBlocks: ["10.0.0.1"],
        remoteIpBlocks: ["192.0.2.0/24"],
        notRemoteIpBlocks: ["192.0.2.1"],
        headers: [
          { name: "x-a", values: ["1", "2"] },
          { name: "x-b", notValues: ["3"] },
          { name: "x-c", values: ["*"], notValues: ["4"] },
        ],
      }),
      [
        "paths /a, /b; except paths /c; methods GET; except methods POST; hosts h; except hosts i; ports 80, 81; " +
          "except ports 82; from 10.0.0.0/8; not from 10.0.0.1; client in 192.0.2.0/24; client not in 192.0.2.1; " +
          "header x-a is 1, 2; header x-b is not 3; header x-c is * is not 4",
      ],
    );
  });

  it("has one line for each rule", () => {
    assert.deepEqual(requestsOf({ rules: [{ paths: ["/a"] }, {}] }), ["paths /a", "every request"]);
  });
});
