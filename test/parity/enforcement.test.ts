import assert from "node:assert/strict";
import type { SigsciIstioIntegrationArgs } from "../../src";
import { cluster, meshText, named, recordComponent, smallest } from "../component/program";
import { added, changed, dropped } from "./differences";
import { field, guide } from "./guide";
import { rendered, targetMetadata } from "./objects";
import { row } from "./row";

const providerNames = { extAuthz: "sigsci-agent-ext-authz", accessLog: "sigsci-agent-access-log" };
const apiWhy = "slip: an old API version; the same fields in `v1`";

describe("guide: Enable with external authorization", () => {
  row("the AuthorizationPolicy", async ({ compare }) => {
    const policy = await rendered("waf-httpbin-policy", {
      targets: [{ name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" }, paths: ["/headers"] }],
      mesh: { providerNames },
    });
    compare(guide("authorizationPolicy"), policy, [
      changed("apiVersion", "security.istio.io/v1beta1", "security.istio.io/v1", apiWhy),
      changed("metadata.name", "ext-authz", "waf-httpbin", "named after component and target"),
      ...targetMetadata("httpbin", "foo"),
    ]);
  });

  row("every request", async ({ compare }) => {
    const policy = await rendered("waf-httpbin-policy", {
      targets: [{ name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" } }],
      mesh: { providerNames },
    });
    compare(guide("authorizationPolicy", "spec"), field(policy, "spec"), [
      dropped(
        "rules[0].to",
        [{ operation: { paths: ["/headers"] } }],
        "slip: one path of a test application; without conditions every request is inspected",
      ),
    ]);
  });

  row("other rules", async ({ compare }) => {
    const target = { name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" } };
    const policy = await rendered("waf-httpbin-policy", {
      targets: [
        { ...target, rules: [{ paths: ["/api/*"], methods: ["POST"] }, { notHosts: ["shop.example.com"] }] },
      ],
      mesh: { providerNames },
    });
    const rules = [
      { to: [{ operation: { paths: ["/api/*"], methods: ["POST"] } }] },
      { to: [{ operation: { notHosts: ["shop.example.com"] } }] },
    ];
    compare({ ...Object(guide("authorizationPolicy", "spec")), rules }, field(policy, "spec"));
  });

  row("the Telemetry", async ({ compare }) => {
    const reads = cluster({ "istio-system/istio": { text: `accessLogFile: /dev/stdout\n${meshText}` } });
    const telemetry = await rendered(
      "waf-httpbin-telemetry",
      {
        targets: [{ name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" } }],
        mesh: { providerNames },
      },
      { reads },
    );
    const mine = "slip: `mesh-default` covers every proxy of the mesh; here each target has its own";
    const [labels, annotations] = targetMetadata("httpbin", "foo");
    compare(guide("telemetry"), telemetry, [
      changed("apiVersion", "telemetry.istio.io/v1alpha1", "telemetry.istio.io/v1", apiWhy),
      changed("metadata.name", "mesh-default", "waf-httpbin", mine),
      changed("metadata.namespace", "istio-system", "foo", mine),
      added("spec", { selector: { matchLabels: { app: "httpbin" } } }, mine),
      added(
        "spec.accessLogging[0].providers",
        { "[envoy]": { name: "envoy" } },
        "slip: a named provider replaces the mesh's own log; where the mesh config sets one, it is kept (`inspection.keepAccessLogProviders`)",
      ),
      added(
        "spec.accessLogging[0]",
        { match: { mode: "SERVER" } },
        "inbound requests only: the agent never sees outbound ones",
      ),
      ...(labels && annotations ? [labels, annotations] : []),
    ]);
  });

  row("several namespaces", async ({ differs }) => {
    const args: Partial<SigsciIstioIntegrationArgs> = {
      targets: [
        { name: "httpbin", namespace: "foo", matchLabels: { app: "httpbin" } },
        { name: "pay", namespace: "bar", matchLabels: { app: "pay" } },
      ],
    };
    const recording = await recordComponent(args);
    const places = ["waf-httpbin-policy", "waf-httpbin-telemetry", "waf-pay-policy", "waf-pay-telemetry"].map(
      (name) => field(named(recording, name).inputs, "metadata", "namespace"),
    );
    assert.deepEqual(places, ["foo", "foo", "bar", "bar"]);
    differs("a target each, in the namespace of its workloads");
  });

  row("a request as a proof", async ({ differs }) => {
    const command = "$ kubectl logs -f deployment/waf-agent -n sigsci -c sigsci-agent";
    const recording = await recordComponent();
    const { metadata } = named(recording, "waf-deployment").inputs;
    assert.ok(command.includes(`deployment/${String(field(metadata, "name"))}`));
    assert.ok(command.includes(`-n ${String(field(metadata, "namespace"))} `));
    const { outputs } = named(recording, "waf");
    assert.equal(field(outputs, "coverage", 0, "name"), smallest.targets[0]?.name);
    assert.ok(Array.isArray(outputs.notInspected) && outputs.notInspected.length > 0);
    differs(
      "the outputs `coverage` and `notInspected` say what is inspected, `pulumi-sigsci-istio render` which workloads",
    );
  });

  row("the version of Istio", async ({ compare }) => {
    const recording = await recordComponent();
    const version = (name: string): unknown => named(recording, name).inputs.apiVersion;
    const ours = { policy: version("waf-web-policy"), telemetry: version("waf-web-telemetry") };
    const why = "Istio 1.22 or newer, the first with these APIs in `v1`; the guide's 1.9 is out of support";
    compare(
      { policy: guide("authorizationPolicy", "apiVersion"), telemetry: guide("telemetry", "apiVersion") },
      ours,
      [
        changed("policy", "security.istio.io/v1beta1", "security.istio.io/v1", why),
        changed("telemetry", "telemetry.istio.io/v1alpha1", "telemetry.istio.io/v1", why),
      ],
    );
  });
});
