// One measurement in a process of its own, started by bench.mjs: `node measure.mjs <what> <number>`. Prints JSON.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const dist = "../../dist";

/** Mesh text as Istio's charts write it, with `count` providers and about `bytes` bytes. */
function meshText(count, bytes) {
  const entry = (index, padding) =>
    `- name: tracing-${index}\n  opentelemetry:\n    service: collector-${index}${padding}.observability.svc.cluster.local\n    port: 4317\n`;
  const head = "accessLogFile: /dev/stdout\nrootNamespace: istio-system\nextensionProviders:\n";
  const bare = Array.from({ length: count }, (_, index) => entry(index, ""));
  const room = bytes - head.length - bare.join("").length;
  const padding = "x".repeat(Math.max(0, Math.floor(room / count)));
  return head + bare.map((_, index) => entry(index, padding)).join("");
}

/** CPU time of this process in ms: unlike wall time it hardly depends on what else the machine does. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function importSdks() {
  require("@pulumi/pulumi");
  require("@pulumi/kubernetes");
}

/** Answers the program's registrations as an engine would that creates everything. */
function simulateEngine(pulumi) {
  const newResource = ({ type, name, id, inputs }) => {
    if (id !== undefined && type === "kubernetes:core/v1:ConfigMap") {
      const [namespace, configMap] = id.split("/");
      const metadata = { namespace, name: configMap, resourceVersion: "1" };
      return { id, state: { metadata, data: { mesh: meshText(3, 500) } } };
    }
    return { id: `${name}-id`, state: { ...inputs, hex: "0123456789abcdef" } };
  };
  pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "bench", "dev");
}

function settled(outputs, pulumi) {
  return new Promise((resolve) => {
    pulumi.all(outputs).apply(resolve);
  });
}

async function buildProgram(targets) {
  const pulumi = require("@pulumi/pulumi");
  simulateEngine(pulumi);
  const { SigsciIstioIntegration } = require(`${dist}/index.js`);
  const before = { cpu: cpuMs(), heap: process.memoryUsage().heapUsed };
  const waf = new SigsciIstioIntegration("waf", {
    credentials: { site: "bench", accessKeyId: "access", secretAccessKey: "secret" },
    targets: Array.from({ length: targets }, (_, index) => ({
      name: `target-${index}`,
      namespace: `team-${index % 50}`,
      matchLabels: { app: `app-${index}` },
      notPaths: ["/healthz"],
    })),
  });
  await settled([waf.authorizationPolicies, waf.telemetries, waf.coverage], pulumi);
  return {
    buildMs: cpuMs() - before.cpu,
    buildBytes: process.memoryUsage().heapUsed - before.heap,
  };
}

/** The same number of custom resources without the package: what the SDK alone costs. */
async function registerBare(targets) {
  const pulumi = require("@pulumi/pulumi");
  const kubernetes = require("@pulumi/kubernetes");
  simulateEngine(pulumi);
  const before = cpuMs();
  const parent = new pulumi.ComponentResource("bench:index:Bare", "bare", {});
  const specs = {
    AuthorizationPolicy: { action: "CUSTOM", provider: { name: "waf" }, rules: [{}] },
    Telemetry: { accessLogging: [{ match: { mode: "SERVER" }, providers: [{ name: "waf" }] }] },
  };
  const ids = Array.from({ length: targets }, (_, index) =>
    Object.entries(specs).map(([kind, spec]) => {
      const metadata = { name: `target-${index}`, namespace: `team-${index % 50}` };
      const args = { apiVersion: "bench.example/v1", kind, metadata, spec };
      return new kubernetes.apiextensions.CustomResource(`${kind}-${index}`, args, { parent }).id;
    }),
  );
  await settled(ids.flat(), pulumi);
  return { buildMs: cpuMs() - before };
}

/** The best of several runs after one that warms up: the two sides of the ratio then differ in work only. */
function fastest(work, runs = 5) {
  work();
  const times = Array.from({ length: runs }, () => {
    const start = cpuMs();
    work();
    return cpuMs() - start;
  });
  return Math.min(...times);
}

function merge(bytes) {
  const yaml = require("yaml");
  const { setProviders } = require(`${dist}/mesh/text/setProviders.js`);
  const { planMeshEdit } = require(`${dist}/mesh/planMeshEdit.js`);
  // A provider for each 1,000 bytes, so that half the text is half the list.
  const text = meshText(bytes / 1000, bytes);
  const providers = [
    {
      name: "waf-ext-authz",
      envoyExtAuthzGrpc: {
        service: "waf-agent.sigsci.svc.cluster.local",
        port: 9999,
        timeout: "200ms",
        failOpen: true,
      },
    },
  ];
  const contribution = {
    owner: { component: "bench/dev/waf", id: "0123456789abcdef" },
    providers,
    adopt: false,
    teardown: false,
  };
  const configMap = { id: "istio-system/istio", text, annotations: {} };
  return {
    bytes: text.length,
    parsePrintMs: fastest(() => String(yaml.parseDocument(text))),
    mergeMs: fastest(() => setProviders(text, providers)),
    planMs: fastest(() => planMeshEdit(configMap, contribution)),
  };
}

/** Pulumi's component provider host with a plugin, until it has answered once. */
async function startPlugin(path) {
  const folder = fileURLToPath(new URL(path, import.meta.url));
  const write = process.stdout.write.bind(process.stdout);
  const port = new Promise((resolve) => {
    // Its first line is the port, as for the engine; it is no part of the result.
    process.stdout.write = (line) => {
      process.stdout.write = write;
      resolve(Number(line));
      return true;
    };
  });
  process.argv = [process.execPath, "run-plugin", folder, "127.0.0.1:1"];
  require("@pulumi/pulumi/cmd/run-plugin");
  const { credentials } = require("@grpc/grpc-js");
  const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");
  const { Empty } = require("google-protobuf/google/protobuf/empty_pb");
  const client = new ResourceProviderClient(`127.0.0.1:${await port}`, credentials.createInsecure());
  await new Promise((resolve, reject) => {
    client.getPluginInfo(new Empty(), (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

const kinds = {
  plugin: () => startPlugin("../../plugin"),
  barePlugin: () => startPlugin("barePlugin"),
  import: importSdks,
  program: buildProgram,
  bare: registerBare,
  merge,
};
const [what, number] = process.argv.slice(2);
const result = await kinds[what](Number(number));
const totalMs = cpuMs();
const maxRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ ...result, totalMs, maxRssBytes }), () => process.exit(0));
