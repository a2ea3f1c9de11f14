import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { GrpcInspection } from "../../../src/args/envoyFilter";
import { startLiveProxy } from "./liveProxy";
import type { LiveProxy, LiveProxyOptions, ProxyRequest } from "./liveProxy";
import { attackMarker } from "./recordingAgent";

/** Declares tests that share a proxy. The agent has a second, as the machine may be busy. */
function withProxy(title: string, changes: LiveProxyOptions, tests: (proxy: () => LiveProxy) => void): void {
  describe(`a proxy with ${title}`, () => {
    let proxy: LiveProxy | undefined;
    before(async () => {
      proxy = await startLiveProxy({ ...changes, inspection: { timeout: "1s", ...changes.inspection } });
    });
    after(() => proxy?.stop());
    tests(() => {
      assert.ok(proxy !== undefined);
      return proxy;
    });
  });
}

async function logged(proxy: LiveProxy, text: string): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (proxy.agent.hasLogged(text)) {
      return true;
    }
    await delay(100);
  }
  return false;
}

/** Sends a request that nobody refuses, and gives the number of checks that it caused. */
async function checks(proxy: LiveProxy, request: ProxyRequest): Promise<number> {
  const before = proxy.agent.checksOf(request.path).length;
  assert.equal((await proxy.send(request)).status, 200);
  return proxy.agent.checksOf(request.path).length - before;
}

withProxy("the defaults", {}, (proxy) => {
  it("checks a request once, with its body", async () => {
    assert.equal(await checks(proxy(), { path: "/orders/1", body: "some-body-text" }), 1);
    assert.match(proxy().agent.checksOf("/orders/1")[0] ?? "", /some-body-text/);
  });

  it("refuses what the agent refuses, with the agent's status", async () => {
    assert.deepEqual(await proxy().send({ path: "/orders/2", body: attackMarker }), { status: 406 });
    assert.deepEqual(await proxy().send({ path: `/${attackMarker}` }), { status: 406 });
  });

  it("takes nobody's word that a request is gRPC", async () => {
    const headers = { "content-type": "application/grpc" };
    assert.equal(await checks(proxy(), { path: "/orders/grpc", body: "some-body-text", headers }), 1);
    assert.match(proxy().agent.checksOf("/orders/grpc")[0] ?? "", /some-body-text/);
    await assert.rejects(proxy().startGrpc("/shop.Orders/Held"), /no answer to the stream/);
  });

  it("opens a tunnel without asking anybody or holding what comes through it", async () => {
    assert.equal(await proxy().sendThroughTunnel("/inside-the-tunnel"), "HTTP/1.1 200 OK");
    await proxy().send({ path: "/orders/after-the-tunnel" });
    assert.ok(await logged(proxy(), "/orders/after-the-tunnel"));
    assert.deepEqual(proxy().agent.checksOf("tunnel.example"), []);
    assert.equal(proxy().agent.hasLogged("tunnel.example"), false);
  });

  it("logs what it has checked", async () => {
    await proxy().send({ path: "/orders/logged" });
    assert.ok(await logged(proxy(), "/orders/logged"));
  });
});

withProxy("a port for gRPC", { carriesGrpc: true }, (proxy) => {
  it("checks the headers of a gRPC stream once and does not hold it", async () => {
    assert.equal(await proxy().startGrpc("/shop.Orders/Watch"), "passed");
    assert.equal(proxy().agent.checksOf("/shop.Orders/Watch").length, 1);
  });

  it("refuses a gRPC stream for its headers", async () => {
    const headers = { "x-note": attackMarker };
    assert.equal(await proxy().startGrpc("/shop.Orders/Refused", headers), "refused");
    assert.equal(proxy().agent.checksOf("/shop.Orders/Refused").length, 1);
  });

  it("inspects the body of any other request", async () => {
    const headers = { "content-type": "application/grpcish" };
    assert.equal(await checks(proxy(), { path: "/orders/other", body: "some-body-text", headers }), 1);
    assert.match(proxy().agent.checksOf("/orders/other")[0] ?? "", /some-body-text/);
  });
});

withProxy("excluded paths", { args: { excludedPaths: ["/healthz", "/static/*", "*.css"] } }, (proxy) => {
  for (const path of ["/healthz", "/healthz?deep=1", "/static/a/b", "/theme.css"]) {
    it(`does not check ${path}`, async () => {
      assert.equal(await checks(proxy(), { path }), 0);
    });
  }
  for (const path of ["/healthz/x", "/static", "/static/../secret", "/find?path=/healthz", "/theme.css/x"]) {
    it(`checks ${path}`, async () => {
      const seen = path.replace("/static/..", "");
      assert.equal((await proxy().send({ path })).status, 200);
      assert.equal(proxy().agent.checksOf(seen).length, 1);
    });
  }

  it("sends no log entry of an excluded request", async () => {
    await proxy().send({ path: "/static/not-logged" });
    await proxy().send({ path: "/orders/logged-after" });
    assert.ok(await logged(proxy(), "/orders/logged-after"));
    assert.equal(proxy().agent.hasLogged("/static/not-logged"), false);
  });
});

withProxy(
  "excluded paths and all requests logged",
  { args: { excludedPaths: ["/healthz"], logUncheckedRequests: true } },
  (proxy) => {
    it("sends the log entry of an excluded request", async () => {
      assert.equal(await checks(proxy(), { path: "/healthz" }), 0);
      assert.ok(await logged(proxy(), "/healthz"));
    });
  },
);

withProxy("gRPC left out", { carriesGrpc: true, args: { grpc: GrpcInspection.None } }, (proxy) => {
  it("checks no gRPC request, and every other one", async () => {
    assert.equal(await proxy().startGrpc("/shop.Orders/Watch"), "passed");
    assert.equal(proxy().agent.checksOf("/shop.Orders/Watch").length, 0);
    const more = { body: "{}", headers: { "content-type": "application/grpcish" } };
    assert.equal(await checks(proxy(), { path: "/orders/3", ...more }), 1);
  });
});

withProxy(
  "gRPC like any other request",
  { carriesGrpc: true, args: { grpc: GrpcInspection.Full } },
  (proxy) => {
    it("holds a stream until its end", async () => {
      await assert.rejects(proxy().startGrpc("/shop.Orders/Held"), /no answer to the stream/);
      assert.equal(proxy().agent.checksOf("/shop.Orders/Held").length, 0);
    });
  },
);

withProxy("a rollout of 0 percent", { args: { rolloutPercent: 0 } }, (proxy) => {
  it("checks nothing until its runtime key says otherwise", async () => {
    assert.equal(await checks(proxy(), { path: "/orders/none" }), 0);
    await proxy().setRuntime("sigsci-agent.rollout_percent", "100");
    assert.equal(await checks(proxy(), { path: "/orders/all" }), 1);
  });
});

withProxy("a rollout of 50 percent", { args: { rolloutPercent: 50 } }, (proxy) => {
  it("checks about half", async () => {
    for (let index = 0; index < 400; index += 1) {
      assert.equal((await proxy().send({ path: `/share/${index}` })).status, 200);
    }
    const share = proxy().agent.checksOf("/share/").length;
    // Six standard deviations of 400 draws.
    assert.ok(share > 140 && share < 260, `${share} of 400`);
  });
});

withProxy("a mark for requests that passed unseen", { args: { failOpenHeader: true } }, (proxy) => {
  it("sets it only when the agent cannot be asked", async () => {
    const mark = "x-envoy-auth-failure-mode-allowed";
    assert.equal((await proxy().send({ path: "/seen" })).arrived?.[mark], undefined);
    await proxy().agent.stop();
    assert.equal((await proxy().send({ path: "/unseen" })).arrived?.[mark], "true");
  });
});

withProxy(
  "headers held back",
  { args: { allowedHeaders: ["x-*"], disallowedHeaders: ["x-secret"] } },
  (proxy) => {
    it("sends the allowed ones only", async () => {
      const headers = { "x-sent": "sent-value", "x-secret": "secret-value", other: "other-value" };
      assert.equal(await checks(proxy(), { path: "/headers", headers }), 1);
      const [check = ""] = proxy().agent.checksOf("/headers");
      assert.match(check, /sent-value/);
      assert.doesNotMatch(check, /secret-value|other-value/);
    });
  },
);

const rule = {
  methods: ["POST"],
  hosts: ["shop.example.com"],
  paths: ["/api/*", "/v1/*"],
  notPaths: ["/api/open/*", "/v1/{*}/items"],
  ipBlocks: ["127.0.0.0/8"],
  notRemoteIpBlocks: ["192.0.2.0/24"],
  headers: [{ name: "X-Inspect", values: ["yes*"], notValues: ["yes-not"] }],
};

withProxy("two rules", { rules: [rule, { paths: ["/login"] }] }, (proxy) => {
  const fitting = {
    path: "/api/a",
    method: "POST",
    headers: { host: "SHOP.example.com", "x-inspect": "yes-1" },
  };
  const expected: [string, ProxyRequest, number][] = [
    ["a request that fits the first rule", fitting, 1],
    ["a path that fits a template that is left out", { ...fitting, path: "/v1/7/items" }, 0],
    ["one that does not fit it", { ...fitting, path: "/v1/7/8/items" }, 1],
    [
      "the host with a port and a dot",
      { ...fitting, headers: { ...fitting.headers, host: "shop.example.com.:8080" } },
      1,
    ],
    ["another method", { ...fitting, method: "PUT" }, 0],
    ["another host", { ...fitting, headers: { ...fitting.headers, host: "example.com" } }, 0],
    ["another path", { ...fitting, path: "/apis" }, 0],
    ["a path that is left out", { ...fitting, path: "/api/open/a" }, 0],
    [
      "a header value that is left out",
      { ...fitting, headers: { ...fitting.headers, "x-inspect": "yes-not" } },
      0,
    ],
    ["no header", { ...fitting, headers: { host: "shop.example.com" } }, 0],
    ["a request that fits the second rule", { path: "/login" }, 1],
    ["a request that fits none", { path: "/logout" }, 0],
  ];
  for (const [title, request, count] of expected) {
    it(`${count === 1 ? "checks" : "does not check"} ${title}`, async () => {
      assert.equal(await checks(proxy(), request), count);
    });
  }
});

const leavesOut = {
  notPaths: ["/healthz"],
  notMethods: ["OPTIONS"],
  notHosts: ["internal.example.com"],
  headers: [{ name: "X-Skip", notValues: ["yes*"] }],
};

withProxy("a rule that only leaves requests out", { carriesGrpc: true, rules: [leavesOut] }, (proxy) => {
  const expected: [string, ProxyRequest, number][] = [
    ["any other request", { path: "/orders/4" }, 1],
    ["a path that is left out", { path: "/healthz" }, 0],
    ["a method that is left out", { path: "/orders/5", method: "OPTIONS" }, 0],
    ["a host that is left out", { path: "/orders/6", headers: { host: "internal.example.com" } }, 0],
    ["a header value that is left out", { path: "/orders/7", headers: { "x-skip": "yes-1" } }, 0],
    ["another value of that header", { path: "/orders/8", headers: { "x-skip": "no" } }, 1],
  ];
  for (const [title, request, count] of expected) {
    it(`${count === 1 ? "checks" : "does not check"} ${title}`, async () => {
      assert.equal(await checks(proxy(), request), count);
    });
  }

  it("checks a gRPC stream by its headers, unless it is left out", async () => {
    assert.equal(await proxy().startGrpc("/shop.Orders/Watch"), "passed");
    assert.equal(proxy().agent.checksOf("/shop.Orders/Watch").length, 1);
    assert.equal(await proxy().startGrpc("/shop.Orders/Skipped", { "x-skip": "yes" }), "passed");
    assert.equal(proxy().agent.checksOf("/shop.Orders/Skipped").length, 0);
  });

  it("logs what it has checked, gRPC too, and nothing else", async () => {
    await proxy().send({ path: "/healthz?not-logged" });
    await proxy().startGrpc("/shop.Orders/Logged");
    await proxy().send({ path: "/orders/9" });
    assert.ok(await logged(proxy(), "/shop.Orders/Logged"));
    assert.ok(await logged(proxy(), "/orders/9"));
    assert.equal(proxy().agent.hasLogged("not-logged"), false);
  });
});
