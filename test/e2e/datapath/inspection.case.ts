import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { addresses, localAgent, ports } from "./addresses";
import type { Description } from "./app";
import { eventually } from "./eventually";
import type { Answer } from "./request";
import type { Rig } from "./rig";
import { unhurried, type Scenario } from "./scenario";
import { attackMarker, redirectMarker, type AccessLogEntry } from "./stubAgent";
import { binary, sha256, withScenario } from "./withScenario";

const notPaths = ["/healthz", "/static/*"];

// The guide's limit: small enough to be passed in every test.
const inspection = { ...unhurried, body: { maxBytes: 8192 } };

const scenarios: readonly Scenario[] = [
  { name: "ap-service", form: "AuthorizationPolicy", notPaths, inspection },
  { name: "ap-sidecar", form: "AuthorizationPolicy", placement: "sidecar", notPaths, inspection },
  { name: "ef-service", form: "EnvoyFilter", notPaths, inspection },
  { name: "ef-sidecar", form: "EnvoyFilter", placement: "sidecar", notPaths, inspection },
  { name: "ep-service", form: "ExternalProcessing", notPaths, inspection: unhurried },
  { name: "ep-sidecar", form: "ExternalProcessing", placement: "sidecar", notPaths, inspection: unhurried },
];

for (const scenario of scenarios) {
  const title = `${scenario.form}, agent ${scenario.placement === "sidecar" ? "in the pod" : "as a service"}`;
  withScenario(title, scenario, (rig) => {
    requestTests(rig, scenario);
    if (scenario.form === "ExternalProcessing") {
      wholeBodyTests(rig);
      responseTests(rig);
    } else {
      bodyTests(rig);
      accessLogTests(rig, scenario);
    }
    it("keeps the mesh's own access log", () => meshLogTest(rig()));
  });
}

function requestTests(rig: () => Rig, scenario: Scenario): void {
  it("lets a benign request pass and checks it once", async () => {
    const answer = await rig().ask("/shop?item=1", { headers: { accept: "text/plain" } });
    assert.equal(answer.status, 200);
    const { checks, counts } = await rig().agent.records();
    assert.deepEqual([counts.checks, counts.allowed], [1, 1]);
    const [check] = checks;
    assert.equal(check?.method, "GET");
    assert.equal(check.path, "/shop?item=1");
    assert.equal(check.host, `${addresses.workload}:${ports.http}`);
    assert.equal(check.headers?.accept, "text/plain");
    const agent = scenario.placement === "sidecar" ? localAgent : addresses.agent;
    assert.equal(check.listener, `${agent}:${ports.agent}`);
    assert.equal(described(answer).headers["X-Sigsci-Request-Id"], check.requestId);
    assert.deepEqual(await rig().app.arrivals(), { requests: 1, inspected: 1, tcp: 0, mostAtOnce: 1 });
  });

  it("checks every request of one connection, each once", async () => {
    const load = rig().clients.load({ url: urlOf("/plain"), concurrency: 1, durationMs: 500 });
    const { outcomes, requests, dials } = await load.done;
    assert.ok(requests > 20, `only ${requests} requests in half a second`);
    assert.deepEqual(outcomes, { "200": requests });
    assert.equal(dials, 1);
    const { checks, allowed } = await rig().agent.counts();
    assert.deepEqual([checks, allowed], [requests, requests]);
    assert.equal((await rig().app.arrivals()).inspected, requests);
  });

  for (const [place, path, options] of [
    ["the path", `/find/${attackMarker}`, {}],
    ["the query, percent-encoded", "/find?q=sigsci%2Dattack", {}],
    ["a header", "/find", { headers: { "x-probe": attackMarker } }],
    ["the body", "/find", { method: "POST", body: `{"q":"${attackMarker}"}` }],
  ] as const) {
    it(`blocks an attack in ${place} with the agent's code and body`, async () => {
      const answer = await rig().ask(path, options);
      assert.equal(answer.status, 406);
      assert.equal(answer.body, "blocked by the stub agent\n");
      assert.equal((await rig().agent.counts()).denied, 1);
      assert.equal((await rig().app.arrivals()).requests, 0);
    });
  }

  it("hands on other codes of the agent, a redirect's target too", async () => {
    const redirected = await rig().ask(`/find/${redirectMarker}`);
    assert.equal(redirected.status, 302);
    assert.equal(redirected.headers.location, "https://blocked.example/");
    for (const code of [403, 429, 500, 503]) {
      assert.equal((await rig().ask(`/find/${attackMarker}-${code}`)).status, code);
    }
    assert.equal((await rig().app.arrivals()).requests, 0);
  });

  it("does not check excluded paths", async () => {
    for (const path of ["/healthz", "/static/logo.svg", `/static/${attackMarker}`]) {
      const answer = await rig().ask(path);
      assert.equal(answer.status, 200);
      assert.equal(described(answer).headers["X-Sigsci-Request-Id"], undefined);
    }
    assert.equal((await rig().agent.counts()).checks, 0);
    assert.equal((await rig().ask("/healthz/more")).status, 200);
    assert.equal((await rig().agent.counts()).checks, 1);
  });

  it("leaves alone what the workload itself asks of others", async () => {
    const path = `/outgoing/${randomUUID()}`;
    const answer = await rig().askFromWorkload(`${path}?q=${attackMarker}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.server, "envoy", "the request has passed the sidecar");
    const later = `/incoming/${randomUUID()}`;
    await rig().ask(later);
    if (scenario.form !== "ExternalProcessing") {
      await entryFor(rig(), later);
    }
    const { checks, accessLog } = await rig().agent.records();
    assert.deepEqual([checks.length, checks[0]?.path], [1, later]);
    assert.deepEqual(
      accessLog.filter((entry) => entry.path.startsWith(path)),
      [],
    );
  });

  it("replaces a request id that a client has sent", async () => {
    const answer = await rig().ask("/shop", { headers: { "x-sigsci-request-id": "forged" } });
    const [check] = (await rig().agent.records()).checks;
    assert.equal(described(answer).headers["X-Sigsci-Request-Id"], check?.requestId);
  });
}

function bodyTests(rig: () => Rig): void {
  for (const [title, size, seen, partial] of [
    ["a small binary body", 1000, 1000, "false"],
    ["a body of exactly the limit", 8192, 8192, "false"],
    ["the first 8,192 bytes of a larger body", 20_000, 8192, "true"],
  ] as const) {
    it(`shows the agent ${title}, and the app all of it`, async () => {
      const body = binary(size);
      const answer = await rig().ask("/upload", { method: "POST", body });
      assert.equal(answer.status, 200);
      const [check] = (await rig().agent.records()).checks;
      assert.equal(check?.bodyField, "bytes");
      assert.equal(check.bodySize, seen);
      assert.equal(check.bodySha256, sha256(body.subarray(0, seen)));
      assert.equal(check.partialBody, partial);
      assert.equal(described(answer).bodySize, size);
      assert.equal(described(answer).bodySha256, sha256(body));
    });
  }

  it("does not see an attack behind the limit", async () => {
    const body = "x".repeat(8192) + attackMarker;
    assert.equal((await rig().ask("/upload", { method: "POST", body })).status, 200);
    assert.equal((await rig().ask("/upload", { method: "POST", body: body.slice(100) })).status, 406);
  });
}

function accessLogTests(rig: () => Rig, scenario: Scenario): void {
  it("sends one access-log entry per request, with the request id and the configured headers", async () => {
    const path = `/logged/${randomUUID()}`;
    const headers = { accept: "text/html", "content-type": "text/plain", "x-unasked": "1" };
    const answer = await rig().ask(path, { method: "POST", body: "hello", headers });
    const [check] = (await rig().agent.records()).checks;
    const entry = await entryFor(rig(), path);
    assert.deepEqual(entry.requestHeaders, {
      accept: "text/html",
      "content-length": "5",
      "content-type": "text/plain",
      "x-sigsci-request-id": check?.requestId,
      "x-sigsci-waf-response": "200",
    });
    assert.deepEqual(entry.responseHeaders, {
      "content-length": String(Buffer.byteLength(answer.body)),
      "content-type": "application/json",
      date: answer.headers.date,
      server: answer.headers.server,
    });
    assert.deepEqual([entry.status, entry.method, entry.logName], [200, "POST", scenario.name]);
    assert.match(entry.nodeId, /^sidecar~10\.244\.0\.20~web-0\.shop~/);
  });

  it("sends an entry for a blocked request", async () => {
    const blocked = `/${randomUUID()}/${attackMarker}`;
    await rig().ask(blocked);
    assert.equal((await entryFor(rig(), blocked)).status, 406);
  });

  const omits = scenario.form === "EnvoyFilter";
  it(`sends ${omits ? "no" : "an"} entry for a request that was not checked`, async () => {
    const [unchecked, later] = [`/static/${randomUUID()}`, `/later/${randomUUID()}`];
    await rig().ask(unchecked);
    await rig().ask(later);
    await entryFor(rig(), later);
    if (!omits) {
      const entry = await entryFor(rig(), unchecked);
      assert.deepEqual([entry.status, entry.requestHeaders?.["x-sigsci-request-id"]], [200, undefined]);
    }
    const { accessLog } = await rig().agent.records();
    assert.equal(accessLog.filter(({ path }) => path === unchecked).length, omits ? 0 : 1);
  });
}

function wholeBodyTests(rig: () => Rig): void {
  for (const size of [1000, 100_000]) {
    it(`shows agent and app all of a binary body of ${size} bytes`, async () => {
      const body = binary(size);
      const answer = await rig().ask("/upload", { method: "POST", body });
      assert.equal(answer.status, 200);
      const [check] = (await rig().agent.records()).checks;
      assert.deepEqual([check?.bodySize, check?.bodySha256], [size, sha256(body)]);
      assert.deepEqual([described(answer).bodySize, described(answer).bodySha256], [size, sha256(body)]);
    });
  }

  it("leaves the length of a body as the client has given it", async () => {
    const answer = await rig().ask("/upload", { method: "POST", body: "hello" });
    assert.equal(described(answer).headers["Content-Length"], "5");
  });
}

function responseTests(rig: () => Rig): void {
  it("tells the agent of the response on the stream of its request", async () => {
    const answer = await rig().ask("/shop", { method: "POST", body: "hello" });
    const [check, ...others] = (await rig().agent.records()).checks;
    assert.deepEqual(others, []);
    assert.equal(described(answer).headers["X-Sigsci-Request-Id"], check?.requestId);
    assert.equal(check?.messages[0], "requestHeaders");
    assert.equal(check.messages.filter((message) => message === "responseHeaders").length, 1);
    assert.ok(check.messages.includes("requestBody"));
    assert.equal(check.status, 200);
    assert.equal(check.responseHeaders?.["content-type"], "application/json");
    assert.equal(check.responseHeaders["content-length"], String(Buffer.byteLength(answer.body)));
  });

  for (const code of [204, 304, 404, 500]) {
    it(`hands a response with status ${code} on and tells the agent of it`, async () => {
      assert.equal((await rig().ask(`/status/${code}`)).status, code);
      const [check] = (await rig().agent.records()).checks;
      assert.equal(check?.status, code);
    });
  }

  it("does not tell the agent of a response to a request that it has blocked", async () => {
    assert.equal((await rig().ask(`/${attackMarker}`)).status, 406);
    const [check] = (await rig().agent.records()).checks;
    assert.deepEqual(check?.messages, ["requestHeaders"]);
  });

  it("lets the agent change no other headers than its own", async () => {
    await rig().agent.behave({ addHeaders: { "x-sigsci-tag": "1", "x-other": "1", ":path": "/other" } });
    const { path, headers } = described(await rig().ask("/shop"));
    assert.deepEqual([path, headers["X-Sigsci-Tag"], headers["X-Other"]], ["/shop", "1", undefined]);
  });
}

async function meshLogTest(rig: Rig): Promise<void> {
  const path = `/kept/${randomUUID()}`;
  await rig.ask(path);
  await eventually(
    "the mesh's own access log has the request",
    () => {
      assert.equal(rig.envoy.printed(path), 1);
      return Promise.resolve();
    },
    { withinMs: 15_000 },
  );
}

function urlOf(path: string): string {
  return `http://${addresses.workload}:${ports.http}${path}`;
}

/** Envoy sends entries in batches, up to some seconds late. */
async function entryFor(rig: Rig, path: string): Promise<AccessLogEntry> {
  return eventually(`one access-log entry for ${path}`, async () => {
    const entries = (await rig.agent.records()).accessLog.filter((entry) => entry.path === path);
    assert.equal(entries.length, 1);
    const [entry] = entries;
    assert.ok(entry);
    return entry;
  });
}

function described(answer: Answer): Description {
  // The app's own answer, as its Go source states it.
  return JSON.parse(answer.body) as Description;
}
