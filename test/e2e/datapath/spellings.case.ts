import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { InspectionRuleArgs } from "../../../src";
import { addresses, ports } from "./addresses";
import { askHttp2, askRaw } from "./rawRequest";
import type { Manifest } from "./mesh";
import { inboundListener, type Rig } from "./rig";
import { parseObjects } from "../stack/apply";
import { everyForm, ownForms, unhurried, type Scenario } from "./scenario";
import { attackMarker } from "./stubAgent";
import { withScenario } from "./withScenario";

/**
 * What a client can write so that a request means the same to an application and something else to a proxy, and the
 * right answer: `blocked` by the agent, `checked` and let pass, passes `unchecked`, or `refused` by Envoy itself.
 */
type Answer = "blocked" | "checked" | "unchecked" | "refused";

/** A title, the answer, and what is sent. */
type Row = readonly [string, Answer, () => Promise<number>];

const size = `Content-Length: ${attackMarker.length}`;
const chunks = `${attackMarker.length.toString(16)}\r\n${attackMarker}\r\n0\r\n\r\n`;
const shop = "Host: shop.example.com";

const raw = (lines: readonly string[], body = ""): (() => Promise<number>) => {
  return () => askRaw(addresses.workload, ports.http, lines, body);
};
const get = (target: string, ...headers: string[]): (() => Promise<number>) =>
  raw([`GET ${target} HTTP/1.1`, ...headers, "Connection: close"]);
const post = (headers: readonly string[], body = attackMarker): (() => Promise<number>) =>
  raw(["POST /upload HTTP/1.1", shop, ...headers], body);
const http2 = (headers: Record<string, string>, body = ""): (() => Promise<number>) => {
  const method = body === "" ? "GET" : "POST";
  const defaults = { ":method": method, ":path": "/shop", ":authority": "shop.example.com" };
  return () => askHttp2(addresses.workload, ports.http, { ...defaults, ...headers }, body);
};

/** The manifest in docs/targets.md. */
const policyOfTheDocuments = documentedPolicy();

const webSocket = ["Connection: Upgrade", "Upgrade: websocket"];

/** An attack in the body, to a target without conditions. */
const bodies: readonly Row[] = [
  ["with a length", "blocked", post([size])],
  ["in chunks", "blocked", post(["Transfer-Encoding: chunked"], chunks)],
  ["in chunks, in another case", "blocked", post(["transfer-encoding: Chunked"], chunks)],
  ["in chunks with a length too", "refused", post(["Transfer-Encoding: chunked", size], chunks)],
  ["that waits for 100 Continue", "blocked", post(["Expect: 100-continue", size])],
  ["of gRPC, as it says", "blocked", post(["Content-Type: application/grpc", size])],
  ["of another gRPC", "blocked", post(["Content-Type: application/grpc+proto", size])],
  ["of a multipart form", "blocked", post(["Content-Type: multipart/form-data; boundary=x", size])],
  ["compressed, as it says", "blocked", post(["Content-Encoding: gzip", size])],
  ["of a GET", "blocked", raw(["GET /upload HTTP/1.1", shop, size], attackMarker)],
  ["of a TRACE", "blocked", raw(["TRACE /upload HTTP/1.1", shop, size], attackMarker)],
  ["of an unknown method", "blocked", raw(["PURGE /upload HTTP/1.1", shop, size], attackMarker)],
  ["by HTTP/1.0", "refused", raw(["POST /upload HTTP/1.0", shop, size], attackMarker)],
  ["by HTTP/2", "blocked", http2({}, attackMarker)],
  ["of gRPC by HTTP/2", "blocked", http2({ "content-type": "application/grpc" }, attackMarker)],
  ["with an upgrade to h2c", "blocked", post(["Connection: Upgrade", "Upgrade: h2c", size])],
  ["with an upgrade to something unknown", "refused", post(["Connection: Upgrade", "Upgrade: tls", size])],
  ["with an upgrade that the connection does not name", "blocked", post(["Upgrade: websocket", size])],
  // Envoy holds no body of a WebSocket handshake, in any enforcement: `notInspected` says so.
  ["of a WebSocket handshake", "checked", post([...webSocket, "Transfer-Encoding: chunked"], chunks)],
  ["to CONNECT", "refused", raw(["CONNECT shop.example.com:80 HTTP/1.1", shop], "")],
  ["to CONNECT with a path", "refused", raw(["CONNECT /upload HTTP/1.1", shop, size], attackMarker)],
  ["to CONNECT by HTTP/2", "refused", () => connectByHttp2()],
];

async function connectByHttp2(): Promise<number> {
  const headers = { ":method": "CONNECT", ":authority": "shop.example.com:80" };
  return askHttp2(addresses.workload, ports.http, headers);
}

/** A path with an attack to a target without conditions, by a host that nobody has. */
const heads: readonly Row[] = [
  ["two hosts", "blocked", get(`/${attackMarker}`, shop, "Host: other.example.com")],
  ["no host", "refused", get(`/${attackMarker}`)],
  ["an empty host", "blocked", get(`/${attackMarker}`, "Host:")],
  ["absolute form", "blocked", get(`http://shop.example.com/${attackMarker}`, "Host: other.example.com")],
  ["a fragment", "refused", get(`/#${attackMarker}`, shop)],
  ["a query", "blocked", get(`/?${attackMarker}`, shop)],
  ["a WebSocket", "blocked", get(`/${attackMarker}`, shop, "Upgrade: websocket", "Connection: Upgrade")],
];

/** Spellings of `shop.example.com`, each with its answer where that host is inspected, and where it is left out. */
const hostRows: readonly (readonly [string, Answer, Answer, () => Promise<number>])[] = [
  ["the host", "checked", "unchecked", get("/shop", shop)],
  ["in capitals", "checked", "unchecked", get("/shop", "Host: SHOP.Example.com")],
  ["in blanks", "checked", "unchecked", get("/shop", "Host:  shop.example.com  ")],
  ["with a port", "checked", "checked", get("/shop", "Host: shop.example.com:80")],
  ["with another port", "checked", "checked", get("/shop", "Host: shop.example.com:12345")],
  ["with an empty port", "checked", "checked", get("/shop", "Host: shop.example.com:")],
  ["with a dot", "checked", "checked", get("/shop", "Host: shop.example.com.")],
  ["with a dot and a port", "checked", "checked", get("/shop", "Host: shop.example.com.:80")],
  ["in absolute form", "checked", "unchecked", get("http://shop.example.com/shop", "Host: other")],
  ["in absolute form with a port", "checked", "checked", get("http://shop.example.com:80/shop", "Host: a")],
  ["in absolute form with a user", "checked", "unchecked", get("http://u@shop.example.com/shop", "Host: a")],
  ["in capitals in absolute form", "checked", "unchecked", get("HTTP://SHOP.example.com/shop", "Host: a")],
  ["with a user", "refused", "refused", get("/shop", "Host: u@shop.example.com")],
  ["as :authority", "checked", "unchecked", http2({})],
  ["as :authority with a port", "checked", "checked", http2({ ":authority": "shop.example.com:80" })],
  ["as :authority with a dot", "checked", "checked", http2({ ":authority": "shop.example.com." })],
  // The application is told these hosts as they are: for it, too, they are others.
  ["twice", "unchecked", "checked", get("/shop", shop, "Host: other.example.com")],
  ["with two dots", "unchecked", "checked", get("/shop", "Host: shop.example.com..")],
  ["with an escaped dot", "unchecked", "checked", get("/shop", "Host: shop.example.com%2e")],
  [
    "beside another :authority",
    "unchecked",
    "checked",
    http2({ ":authority": "other.example.com", host: "shop.example.com" }),
  ],
  ["another host", "unchecked", "checked", get("/shop", "Host: other.example.com")],
  ["a longer host", "unchecked", "checked", get("/shop", "Host: shop.example.com.evil.example")],
];

/** Spellings of `/login` and of what is below `/api/`, with the answers as above. */
const pathRows: readonly (readonly [string, Answer, Answer])[] = [
  ["/login", "checked", "unchecked"],
  ["/login?next=/", "checked", "unchecked"],
  ["/./login", "checked", "unchecked"],
  ["/x/../login", "checked", "unchecked"],
  ["/%2e/login", "checked", "unchecked"],
  ["/x/%2e%2E/login", "checked", "unchecked"],
  ["/%6cogin", "checked", "unchecked"],
  ["/x\\..\\login", "checked", "unchecked"],
  ["http://shop.example.com/login", "checked", "unchecked"],
  ["/api/[x]", "checked", "unchecked"],
  ["/api//x", "checked", "unchecked"],
  ["/api\\x", "checked", "unchecked"],
  ["/api/../x", "unchecked", "checked"],
  ["/api/%2e%2e/x", "unchecked", "checked"],
  ["/api/..\\x", "unchecked", "checked"],
  ["/api/..;/x", "unchecked", "checked"],
  // For Istio and Envoy these are other paths; an application may take them for the same: docs/targets.md says so.
  ["/LOGIN", "unchecked", "checked"],
  ["//login", "unchecked", "checked"],
  ["/login/", "unchecked", "checked"],
  ["/login;x=1", "unchecked", "checked"],
  ["/login%2f", "unchecked", "checked"],
  ["/login%2e", "unchecked", "checked"],
  ["/login%20", "unchecked", "checked"],
  ["/x%2f..%2flogin", "unchecked", "checked"],
  ["//api/x", "unchecked", "checked"],
  ["/api%2fx", "unchecked", "checked"],
  // What an exclusion by prefix opens: an application that decodes it serves /admin.
  ["/api/..%2fadmin", "checked", "unchecked"],
  ["/api/..%5cadmin", "checked", "unchecked"],
  ["/api/..%252fadmin", "checked", "unchecked"],
  ["/login%00", "refused", "refused"],
  ["/login#x", "refused", "refused"],
  ["\\login", "refused", "refused"],
  ["*", "refused", "refused"],
];

const byPath = (column: 1 | 2): readonly Row[] =>
  pathRows.map((row): Row => [row[0], row[column], get(row[0], shop)]);
const byHost = (column: 1 | 2): readonly Row[] => hostRows.map((row): Row => [row[0], row[column], row[3]]);

const tables: readonly (readonly [string, InspectionRuleArgs, readonly Row[]])[] = [
  ["an attack in a body", {}, bodies],
  ["an attack in a head", {}, heads],
  ["a host that is inspected", { hosts: ["shop.example.com"] }, byHost(1)],
  ["a host that is left out", { notHosts: ["shop.example.com"] }, byHost(2)],
  ["paths that are inspected", { paths: ["/login", "/api/*"] }, byPath(1)],
  ["paths that are left out", { notPaths: ["/login", "/api/*"] }, byPath(2)],
];

for (const form of everyForm) {
  const prefix = ownForms[form];
  for (const [index, [title, conditions, rows]] of tables.entries()) {
    const scenario: Scenario = {
      name: `${prefix}-spelling-${index}`,
      form,
      inspection: unhurried,
      conditions,
    };
    withScenario(`spellings of ${title}, ${form}`, scenario, (rig) => {
      for (const [spelling, expected, send] of rows) {
        it(`${spelling}: ${expected}`, async () => {
          assert.equal(await answerOf(rig(), send), expected);
        });
      }
    });
  }
}

for (const form of everyForm) {
  const name = `${ownForms[form]}-spelling-handshake`;
  withScenario(
    `the policy of the documents against bodies of handshakes, ${form}`,
    { name, form, inspection: unhurried },
    (rig) => {
      before(async () => {
        await rig().put([policyOfTheDocuments]);
        await rig().envoy.untilListener(inboundListener, "has the policy", (configuration) =>
          configuration.includes(policyOfTheDocuments.metadata.name),
        );
      });
      after(() => rig().take([policyOfTheDocuments]));

      const handshake = (method: string, ...headers: string[]): (() => Promise<number>) =>
        raw([`${method} /upload HTTP/1.1`, shop, ...webSocket, ...headers], chunks);
      for (const [title, send] of [
        ["in chunks", handshake("POST", "Transfer-Encoding: chunked")],
        ["with a length", handshake("POST", `Content-Length: ${chunks.length}`)],
        ["of a GET with a length", handshake("GET", `Content-Length: ${chunks.length}`)],
      ] as const) {
        it(`${title}: refused`, async () => {
          assert.equal(await answerOf(rig(), send), "refused");
        });
      }

      it("of a GET in chunks: checked, as Envoy removes the header that tells of them", async () => {
        assert.equal(await answerOf(rig(), handshake("GET", "Transfer-Encoding: chunked")), "checked");
      });

      it("lets WebSockets and requests with a body pass", async () => {
        const url = `ws://${addresses.workload}:${ports.http}/socket`;
        assert.equal((await rig().clients.webSocket(url)).status, 101);
        assert.equal((await rig().ask("/upload", { method: "POST", body: "x" })).status, 200);
      });
    },
  );
}

// A suffix with a port after it is more than an AuthorizationPolicy can say, so only EnvoyFilters take one.
const suffix: Scenario = {
  name: "ef-spelling-suffix",
  form: "EnvoyFilter",
  inspection: unhurried,
  conditions: { hosts: ["*.example.com"] },
};
withScenario("spellings of hosts by their end, EnvoyFilter", suffix, (rig) => {
  for (const [host, expected] of [
    ["shop.example.com", "checked"],
    ["SHOP.example.COM.:80", "checked"],
    ["shop.example.com:12345", "checked"],
    ["example.com", "unchecked"],
    ["shop.example.com.evil.example", "unchecked"],
    ["shopxexample.com", "unchecked"],
  ] as const) {
    it(`${host}: ${expected}`, async () => {
      assert.equal(await answerOf(rig(), get("/shop", `Host: ${host}`)), expected);
    });
  }
});

function documentedPolicy(): Manifest {
  const document = readFileSync(join(__dirname, "../../../docs/targets.md"), "utf8");
  const [policy] = [...document.matchAll(/```yaml\n([^]*?)```/g)].flatMap(([, yaml = ""]) =>
    parseObjects(yaml),
  );
  assert.ok(policy?.kind === "AuthorizationPolicy");
  return policy;
}

async function answerOf(rig: Rig, send: () => Promise<number>): Promise<Answer> {
  const status = await send();
  const { checks, denied } = await rig.agent.counts();
  const { requests } = await rig.app.arrivals();
  if (denied > 0) {
    assert.equal(requests, 0, "what the agent blocks does not arrive");
    return "blocked";
  }
  if (requests === 0) {
    assert.ok(status >= 400 && status < 500, `refused with ${status}`);
    return "refused";
  }
  assert.ok(checks <= 1);
  return checks === 1 ? "checked" : "unchecked";
}
