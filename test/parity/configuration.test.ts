import assert from "node:assert/strict";
import { withSigsciAgent } from "../../src";
import { reveal } from "../../src/offline/recording";
import { named, recordComponent } from "../component/program";
import { added, changed } from "./differences";
import { field, guide } from "./guide";
import { agentContainer, agentPod, fields, recommendedLabels, variables } from "./objects";
import { row } from "./row";

const keysOf = (name: string): string => String(guide("secret", "stringData", name));
const accessKeyId = keysOf("accesskeyid");
const secretAccessKey = keysOf("secretaccesskey");

/** The two variables with the keys. */
const keyVariables = (container: unknown): unknown => {
  const { SIGSCI_ACCESSKEYID, SIGSCI_SECRETACCESSKEY } = variables(container);
  return [SIGSCI_ACCESSKEYID, SIGSCI_SECRETACCESSKEY];
};

describe("guide: Configuring the agent container", () => {
  row("an option by its dashed name", async ({ compare }) => {
    const args = { agent: { extraOptions: { "max-procs": "2", "debug-log-config-updates": "1" } } };
    const { SIGSCI_MAX_PROCS, SIGSCI_DEBUG_LOG_CONFIG_UPDATES } = variables(await agentContainer(args));
    const expected = [
      { name: "SIGSCI_MAX_PROCS", value: "2" },
      { name: "SIGSCI_DEBUG_LOG_CONFIG_UPDATES", value: "1" },
    ];
    compare(expected, [SIGSCI_MAX_PROCS, SIGSCI_DEBUG_LOG_CONFIG_UPDATES]);
  });

  row("an option as a typed field", async ({ compare }) => {
    const { SIGSCI_MAX_PROCS } = variables(await agentContainer({ agent: { options: { maxProcs: "2" } } }));
    compare({ name: "SIGSCI_MAX_PROCS", value: "2" }, SIGSCI_MAX_PROCS);
    const unset = variables(await agentContainer()).SIGSCI_MAX_PROCS;
    compare({ name: "SIGSCI_MAX_PROCS" }, unset, [
      added("", { value: "1" }, "unless it is set, `max-procs` follows the CPU limit"),
    ]);
  });

  row("an environment variable from elsewhere", async ({ compare }) => {
    const configMapKeyRef = { name: "waf", key: "hostname" };
    const container = await agentContainer({
      agent: { env: [{ name: "SIGSCI_SERVER_HOSTNAME", valueFrom: { configMapKeyRef } }] },
    });
    const expected = { name: "SIGSCI_SERVER_HOSTNAME", valueFrom: { configMapKeyRef } };
    compare(expected, variables(container).SIGSCI_SERVER_HOSTNAME);
  });

  row("the keys from a Secret", async ({ compare }) => {
    const container = await agentContainer({
      credentials: { existingSecret: { name: "sigsci.my-site-name-here" } },
    });
    compare(guide("credentialsEnv"), keyVariables(container));
  });

  row("the Secret itself", async ({ compare, differs }) => {
    const recording = await recordComponent({
      credentials: { site: "my-site-name-here", accessKeyId, secretAccessKey },
    });
    const secret = reveal(named(recording, "waf-secret").inputs);
    const labels = recommendedLabels("waf-agent", {
      app: "waf-agent",
      "app.kubernetes.io/component": "waf-agent",
    });
    const name = changed(
      "metadata.name",
      "sigsci.my-site-name-here",
      /^sigsci\.my-site-name-here-[0-9a-f]{10}$/,
      "a digest of the keys ends the name, so that new keys are a rollout without a gap",
    );
    compare(guide("secret"), secret, [
      name,
      added(
        "metadata",
        { namespace: "sigsci", labels },
        "the agent's namespace and Kubernetes' recommended labels",
      ),
      added("", { type: "Opaque" }, "Kubernetes' default, written out"),
      added("", { immutable: true }, "other keys are another Secret"),
    ]);
    const deployment = reveal(named(recording, "waf-deployment").inputs);
    const container = field(deployment, "spec", "template", "spec", "containers", 0);
    const secretNames = [0, 1].map((index) =>
      field(keyVariables(container), index, "valueFrom", "secretKeyRef", "name"),
    );
    const secretName = field(secret, "metadata", "name");
    assert.deepEqual(secretNames, [secretName, secretName]);
    differs("slip: the guide uses two names; here the agent refers to the Secret that is made");
  });

  row("a Secret made by kubectl", async ({ compare }) => {
    const command =
      "$ kubectl create secret generic sigsci.my-site-name-here -n sigsci --from-literal=accesskeyid=… --from-literal=secretaccesskey=…";
    const recording = await recordComponent({
      credentials: { existingSecret: { name: "sigsci.my-site-name-here" } },
    });
    assert.ok(recording.resources.every(({ type }) => type !== "kubernetes:core/v1:Secret"));
    const [, name, namespace, ...keys] =
      /generic (\S+) -n (\S+) --from-literal=(\w+)=… --from-literal=(\w+)=…/.exec(command) ?? [];
    const deployment = named(recording, "waf-deployment").inputs;
    assert.equal(field(deployment, "metadata", "namespace"), namespace);
    const container = field(deployment, "spec", "template", "spec", "containers", 0);
    const references = keys.map((key, index) => [
      { name, key },
      field(keyVariables(container), index, "valueFrom", "secretKeyRef"),
    ]);
    references.forEach(([guided, ours]) => {
      compare(guided, ours);
    });
    assert.equal(references.length, 2);
  });

  row("keys from another store", async ({ compare }) => {
    const container = await agentContainer({
      credentials: { existingSecret: { name: "waf-keys", accessKeyIdKey: "id", secretAccessKeyKey: "key" } },
    });
    const from = (key: string): unknown => ({ secretKeyRef: { name: "waf-keys", key } });
    const expected = [
      { name: "SIGSCI_ACCESSKEYID", valueFrom: from("id") },
      { name: "SIGSCI_SECRETACCESSKEY", valueFrom: from("key") },
    ];
    compare(expected, keyVariables(container));
  });

  row("rotated keys", async ({ differs }) => {
    const used = async (secretAccessKey: string): Promise<unknown> => {
      const container = await agentContainer({
        credentials: { site: "my-site-name-here", accessKeyId, secretAccessKey },
      });
      return field(keyVariables(container), 0, "valueFrom", "secretKeyRef", "name");
    };
    assert.equal(await used("old"), await used("old"));
    assert.notEqual(await used("old"), await used("new"));
    differs("still one place, and the pods restart by themselves: variables are read at start only");
  });

  row("a read-only root file system", async ({ compare }) => {
    const fromGuide = guide("deployment", "spec", "template", "spec", "containers", 0, "securityContext");
    compare(fromGuide, field(await agentContainer(), "securityContext"), [
      added(
        "",
        { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        'the Pod Security profile "restricted"',
      ),
    ]);
  });

  row("the temporary volume", async ({ compare }) => {
    const pod = await agentPod();
    const ours = { ...fields(pod, "volumes"), ...fields(field(pod, "containers", 0), "volumeMounts") };
    compare({ volumes: guide("volumes"), volumeMounts: guide("volumeMounts") }, ours, [
      added("volumes[sigsci-tmp].emptyDir", { sizeLimit: "256Mi" }, "the agent cannot fill the node's disk"),
    ]);
    const { SIGSCI_RPC_ADDRESS, SIGSCI_SHARED_CACHE_DIR } = variables(field(pod, "containers", 0));
    assert.deepEqual([SIGSCI_RPC_ADDRESS, SIGSCI_SHARED_CACHE_DIR], [undefined, undefined]);
  });

  row("the temporary volume somewhere else", async ({ compare }) => {
    const args = { agent: { temporaryVolume: { mountPath: "/var/sigsci" } } };
    const container = await agentContainer(args);
    const moved = (path: string): string => String(guide(path)).replace("/sigsci/tmp", "/var/sigsci");
    const { SIGSCI_RPC_ADDRESS, SIGSCI_SHARED_CACHE_DIR } = variables(container);
    compare(
      {
        volumeMounts: [{ name: "sigsci-tmp", mountPath: "/var/sigsci" }],
        rpc: { name: "SIGSCI_RPC_ADDRESS", value: moved("rpcAddress") },
        cache: { name: "SIGSCI_SHARED_CACHE_DIR", value: moved("sharedCacheDir") },
      },
      { ...fields(container, "volumeMounts"), rpc: SIGSCI_RPC_ADDRESS, cache: SIGSCI_SHARED_CACHE_DIR },
    );
  });

  row("the temporary volume in another container", ({ compare }) => {
    const volumeMounts = [{ name: "sigsci-tmp", mountPath: "/sigsci/tmp" }];
    const podSpec = { containers: [{ name: "helloworld", volumeMounts }] };
    const spec = withSigsciAgent(podSpec, { secret: { name: "sigsci.my-site-name-here" } });
    compare(guide("volumeMounts"), field(spec, "containers", 0, "volumeMounts"));
    compare(guide("volumeMounts"), field(spec, "initContainers", 0, "volumeMounts"));
  });
});
