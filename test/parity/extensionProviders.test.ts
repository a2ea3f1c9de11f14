import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { extensionProviderDefinitions, MeshConfigStrategy, SigsciIstioIntegration } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import type { RecordOptions } from "../../src/offline/recording";
import { cluster, recordRefusal, smallest } from "../component/program";
import { added, changed, dropped } from "./differences";
import { field, guide } from "./guide";
import { keysOf, rendered } from "./objects";
import { row } from "./row";

/** The providers in the mesh text of a component. */
async function providers(
  args: Partial<SigsciIstioIntegrationArgs>,
  options: RecordOptions = {},
): Promise<unknown> {
  const text = field(await rendered("waf-mesh-default", args, options), "data", "mesh");
  return field(parse(String(text)), "extensionProviders");
}

const providerNames = { extAuthz: "sigsci-agent-ext-authz", accessLog: "sigsci-agent-access-log" };
const portWhy = "slip: the port is a number";

describe("guide: Define the external authorizer", () => {
  row("the edit of the mesh config", async ({ compare }) => {
    const text = "# ours\nrootNamespace: istio-system\nextensionProviders:\n  - name: other\n";
    const reads = cluster({ "istio-system/istio": { text } });
    const args = { mesh: { istioNamespace: "istio-system", revisions: ["default"] } };
    const patch = await rendered("waf-mesh-default", args, { reads });
    const edited = String(field(patch, "data", "mesh"));
    assert.equal(edited.replace(/ {2}- name: waf-[^]*(?= {2}- name: other)/, ""), text);
    const ours = {
      name: field(patch, "metadata", "name"),
      namespace: field(patch, "metadata", "namespace"),
      mesh: parse(edited, (key: unknown, value: unknown) =>
        String(key).startsWith("envoy") ? undefined : value,
      ) as unknown,
    };
    const why = "named after the component, so that several may share a mesh";
    const extensionProviders = [
      { name: "other" },
      { name: "sigsci-agent-ext-authz" },
      { name: "sigsci-agent-access-log" },
    ];
    compare(
      {
        name: "istio",
        namespace: "istio-system",
        mesh: { rootNamespace: "istio-system", extensionProviders },
      },
      ours,
      [
        ...["ext-authz", "access-log"].flatMap((name) => [
          dropped(`mesh.extensionProviders[sigsci-agent-${name}]`, { name: `sigsci-agent-${name}` }, why),
          added("mesh.extensionProviders", { [`[waf-${name}]`]: { name: `waf-${name}` } }, why),
        ]),
      ],
    );
    const marks = keysOf(field(patch, "metadata", "annotations"));
    assert.ok(marks.includes("owner.pulumi-sigsci-istio/waf-ext-authz"));
  });

  row("the external authorizer, as in the guide", async ({ compare }) => {
    const ours = await providers({
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      mesh: { providerNames: { extAuthz: "sigsci-agent-ext-authz" } },
      inspection: {
        timeout: "0.2s",
        failOpen: true,
        body: { maxBytes: 8192, allowPartial: true, packAsBytes: true },
      },
    });
    compare(guide("extensionProviders", 0), field(ours, 0), [
      changed("envoyExtAuthzGrpc.port", "9999", 9999, portWhy),
    ]);
  });

  row("the external authorizer, by default", async ({ compare }) => {
    const args = { inspection: {} };
    compare(guide("extensionProviders", 0), field(await providers(args), 0), [
      changed("name", "sigsci-agent-ext-authz", "waf-ext-authz", "named after the component"),
      changed(
        "envoyExtAuthzGrpc.service",
        "sigsci-agent.foo.svc.cluster.local",
        "waf-agent.sigsci.svc.cluster.local",
        "named after the component",
      ),
      changed("envoyExtAuthzGrpc.port", "9999", 9999, portWhy),
      changed("envoyExtAuthzGrpc.timeout", "0.2s", "200ms", "the same time"),
      changed(
        "envoyExtAuthzGrpc.includeRequestBodyInCheck.maxRequestBytes",
        8192,
        100_000,
        "100,000 instead of 8,192: padding would carry an attack past the inspection",
      ),
    ]);
  });

  row("larger payloads", async ({ compare, differs }) => {
    const ours = await providers({ inspection: { body: { allowPartial: false, maxBytes: 1_048_576 } } });
    const body = { packAsBytes: true, allowPartialMessage: false, maxRequestBytes: 1_048_576 };
    compare(body, field(ours, 0, "envoyExtAuthzGrpc", "includeRequestBodyInCheck"));
    const partial = await providers({ inspection: { body: { maxBytes: 1_048_576 } } });
    assert.equal(
      field(partial, 0, "envoyExtAuthzGrpc", "includeRequestBodyInCheck", "allowPartialMessage"),
      true,
    );
    differs(
      "slip: `false` inspects no more, it answers a longer body with 413; `maxBytes` raises what is inspected",
    );
  });

  row("the access log", async ({ compare }) => {
    const ours = await providers({
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      mesh: { providerNames: { accessLog: "sigsci-agent-access-log" } },
      inspection: {
        requestHeadersToLog: ["accept", "content-type", "content-length"],
        responseHeadersToLog: ["date", "server", "content-type", "content-length"],
      },
    });
    compare(guide("extensionProviders", 1), field(ours, 1), [
      changed("envoyHttpAls.port", "9999", 9999, portWhy),
    ]);
    const byDefault = await providers({
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      mesh: { providerNames },
    });
    assert.deepEqual(field(byDefault, 1), field(ours, 1));
  });

  row("entries that were made by hand", async ({ compare, differs }) => {
    const reads = cluster({
      "istio-system/istio": { text: stringify({ extensionProviders: guide("extensionProviders") }) },
    });
    const args = {
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      mesh: {
        providerNames: { extAuthz: "sigsci-agent-ext-authz", accessLog: "sigsci-agent-access-log" },
        adopt: true,
      },
    };
    const ours = await providers(args, { reads });
    const names = Array.isArray(ours) ? ours.map((one: unknown) => field(one, "name")) : [];
    compare(["sigsci-agent-ext-authz", "sigsci-agent-access-log"], names);
    assert.equal(
      field(ours, 0, "envoyExtAuthzGrpc", "includeRequestBodyInCheck", "maxRequestBytes"),
      100_000,
    );
    const stranger = { ...args, mesh: { providerNames } };
    const { message } = await recordRefusal(
      () => {
        new SigsciIstioIntegration("waf", { ...smallest, ...stranger });
      },
      { reads },
    );
    assert.match(message, /sigsci-agent-ext-authz/);
    differs("taken over on request only; without `adopt` the preview stops");
  });

  row("the definitions without an edit", ({ compare, differs }) => {
    const args = {
      namespace: "foo",
      agent: { name: "sigsci-agent" },
      inspection: { timeout: "0.2s", body: { maxBytes: 8192 } },
      mesh: {
        strategy: MeshConfigStrategy.External,
        providerNames: { extAuthz: "sigsci-agent-ext-authz", accessLog: "sigsci-agent-access-log" },
      },
    };
    const { helmValues } = extensionProviderDefinitions("waf", args);
    const list = "meshConfig.extensionProviders";
    compare({ meshConfig: { extensionProviders: guide("extensionProviders") } }, helmValues, [
      changed(`${list}[sigsci-agent-ext-authz].envoyExtAuthzGrpc.port`, "9999", 9999, portWhy),
      changed(`${list}[sigsci-agent-access-log].envoyHttpAls.port`, "9999", 9999, portWhy),
    ]);
    differs("not in the guide: values for whoever installs Istio, which no upgrade writes over");
  });
});
