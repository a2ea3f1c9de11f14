import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { claimNamespace } from "./agent/claimNamespace";
import { planAgent } from "./agent/planAgent";
import { planSidecars } from "./sidecar/planSidecars";
import type { SidecarAgentArgs } from "./args/sidecar";
import { keepSidecarAgent, sidecarAgentOf } from "./sidecar/sidecarAgent";
import { Enforcement, Placement } from "./args/integration";
import type { SigsciIstioIntegrationArgs } from "./args/integration";
import { MeshConfigStrategy } from "./args/mesh";
import { connectByFilters, connectByMesh } from "./connection";
import type { After } from "./connection";
import { askedCluster } from "./enforcement/envoyFilter/agentAddress";
import { claimProxies } from "./enforcement/claimProxies";
import { normalizationWarnings } from "./enforcement/clientChoices";
import { pathNormalizationOf } from "./mesh/pathNormalization";
import { answered } from "./pulumi/mockedProviders";
import { notInspected } from "./enforcement/notInspected";
import { targetCoverage } from "./enforcement/targetCoverage";
import type { TargetCoverage } from "./enforcement/targetCoverage";
import { idsOf, idsOfDependencies, knownOrUndefined, whenKnown } from "./pulumi/inputs";
import { definitionsOf } from "./mesh/providerDefinitions";
import type { ExtensionProvider } from "./mesh/extensionProvider";
import { keptAccessLogs } from "./mesh/accessLogs";
import { planMesh } from "./mesh/planMesh";
import type { PlannedMesh } from "./mesh/planMesh";
import { endpointOf, meshProviders } from "./mesh/componentProviders";
import { registerObservability } from "./observability/register";
import { holdBack } from "./preflight/holdBack";
import { runPreflight } from "./preflight/runPreflight";
import type { Reader } from "./kubernetes/beforeRead";
import { integrationSettings } from "./settings/integration";
import { withSecretCredentials } from "./settings/storedArguments";
import type { IntegrationSettings } from "./settings/integration";
import { printable } from "./pulumi/printable";
import { stackName } from "./pulumi/stackName";
import { refuseMissingName } from "./validation";
import { checkArguments } from "./validation/checkArguments";

/**
 * Puts the Fastly Next-Gen WAF agent into an Istio mesh: credentials, agent, entries of the mesh configuration, and
 * for each target the policy that makes Envoy ask the agent.
 *
 * The order of creation is Secret and Service, agent, mesh configuration, policies; deletion goes the other way. A
 * policy without its provider would refuse every request that it matches.
 *
 * @example
 * ```ts
 * const waf = new SigsciIstioIntegration("waf", {
 *   credentials: { site: "shop-prod", accessKeyId, secretAccessKey },
 *   targets: [{ name: "storefront", namespace: "shop", matchLabels: { app: "web" } }],
 * });
 * ```
 */
export class SigsciIstioIntegration extends pulumi.ComponentResource {
  /** Namespace of the agent; undefined with Sidecar placement, where agents are in the targets' namespaces. */
  readonly namespace: pulumi.Output<string | undefined>;
  /** Host name at which the proxies reach the agent; 127.0.0.1 for one that an EnvoyFilter finds in the pod. */
  readonly serviceHost: pulumi.Output<string>;
  /** Port at which the proxies reach the agent. */
  readonly servicePort: pulumi.Output<number>;
  /** Name of the Secret that holds the keys; with Sidecar placement the same in each namespace of a target. */
  readonly secretName: pulumi.Output<string>;
  /** Name of the external authorizer in `extensionProviders`; undefined with EnvoyFilter enforcement. */
  readonly extAuthzProviderName: pulumi.Output<string | undefined>;
  /** Name of the access log in `extensionProviders`; undefined without response data or with EnvoyFilter enforcement. */
  readonly accessLogProviderName: pulumi.Output<string | undefined>;
  /** The entries of `extensionProviders`, as they would stand in the Helm value `meshConfig.extensionProviders`. */
  readonly extensionProviders: pulumi.Output<ExtensionProvider[]>;
  /** `extensionProviders` as a YAML list; undefined with EnvoyFilter enforcement, as are the two below. */
  readonly extensionProvidersYaml: pulumi.Output<string | undefined>;
  /** `extensionProviders` as values of Istio's Helm chart `istiod`, for the strategy External. */
  readonly helmValuesYaml: pulumi.Output<string | undefined>;
  /** `extensionProviders` as an IstioOperator overlay for `istioctl install -f`, for the strategy External. */
  readonly istioOperatorYaml: pulumi.Output<string | undefined>;
  /** The mesh ConfigMaps that are edited, each as `<namespace>/<name>`; none with strategy External. */
  readonly meshConfigMaps: pulumi.Output<string[]>;
  /** The AuthorizationPolicies, each as `<namespace>/<name>`. */
  readonly authorizationPolicies: pulumi.Output<string[]>;
  /** The Telemetry resources, each as `<namespace>/<name>`; none without response data. */
  readonly telemetries: pulumi.Output<string[]>;
  /** The EnvoyFilters, each as `<namespace>/<name>`; with AuthorizationPolicy enforcement those of observed targets only. */
  readonly envoyFilters: pulumi.Output<string[]>;
  /** The alerts, as a rule file of Prometheus itself; undefined without `observability.prometheusRules`. */
  readonly prometheusRulesYaml: pulumi.Output<string | undefined>;
  /**
   * What the mesh needs so that its proxies expose their counters of checks, as YAML for `meshConfig.defaultConfig`;
   * undefined without `observability.proxyStats`.
   */
  readonly proxyStatsYaml: pulumi.Output<string | undefined>;
  /** What is inspected for each target, and how, as the proxies are told. */
  readonly coverage: pulumi.Output<TargetCoverage[]>;
  /**
   * What passes without inspection besides what the targets' own rules leave out, and what a client can make of these
   * rules, one line for each.
   */
  readonly notInspected: pulumi.Output<string[]>;

  /**
   * @param name - Logical name; Kubernetes objects and mesh providers are named after it.
   * @param args - The arguments.
   * @param opts - Resource options; a Kubernetes provider given here reaches every child.
   * @throws pulumi.ResourceError when an argument is refused; nothing is created then.
   */
  constructor(name: string, args: SigsciIstioIntegrationArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseMissingName("new SigsciIstioIntegration", name);
    super("sigsci-istio:index:SigsciIstioIntegration", name, withSecretCredentials(args), opts);
    const validated = checkArguments(this, name, args);
    const settings = integrationSettings(name, args);
    const inPods = settings.placement === Placement.Sidecar;
    const claimed = pulumi.all([
      settings.teardown || claimProxies(this, settings),
      inPods || !settings.createNamespace || claimNamespace(this, name, settings.namespace),
    ]);

    const awaited = idsOfDependencies(opts?.dependsOn, this);
    const reader = { component: this, preflight: settings.preflight, awaited };
    const { hex } = new random.RandomId(`${name}-id`, { byteLength: 8 }, { parent: this });
    this.namespace = pulumi.output(inPods ? undefined : settings.namespace);
    const endpoint = pulumi.output(settings.namespace).apply((namespace) => endpointOf(settings, namespace));
    this.serviceHost = endpoint.host;
    this.servicePort = endpoint.port;
    const throughMesh = settings.enforcement === Enforcement.AuthorizationPolicy;
    const providers = whenKnown(settings.namespace, (namespace) => meshProviders(settings, namespace));
    this.extensionProviders = pulumi.output(providers);
    const texts = whenKnown(providers, (known) => (throughMesh ? definitionsOf(known) : undefined));
    this.extensionProvidersYaml = pulumi.output(texts).apply((known) => known?.extensionProvidersYaml);
    this.helmValuesYaml = pulumi.output(texts).apply((known) => known?.helmValuesYaml);
    this.istioOperatorYaml = pulumi.output(texts).apply((known) => known?.istioOperatorYaml);
    // Mocks that leave it out do no harm where nothing is derived from it.
    const usesId =
      settings.credentials.existingSecret === undefined ||
      inPods ||
      (throughMesh && settings.mesh.strategy !== MeshConfigStrategy.External);
    const id = usesId ? hex.apply((known) => answered(this, known, `the random id ${name}-id`)) : hex;
    const mesh = throughMesh ? this.planMesh(settings, id, providers, reader, validated) : noMesh;
    const { edits, meshes, plan } = mesh;
    const agent = (inPods ? planSidecars : planAgent)(this, settings, id, reader);
    const { inspection, mesh: meshSettings } = settings;
    const keptLogs = keptAccessLogs(inspection.keepAccessLogProviders, meshSettings.strategy, meshes);
    const looked = runPreflight({
      component: this,
      settings,
      meshes,
      providers,
      keptLogs,
      endpoint,
      awaited,
    });
    const heldBack = holdBack({ component: this, settings, meshes, awaited });
    // What a preview does not know of it yet keeps nothing else from being shown.
    const decided = knownOrUndefined(pulumi.output(heldBack));
    const passed = pulumi.all([validated, claimed, plan, agent.plan, looked, decided]);
    // What was looked at holds keys; that it passed is no secret, nor is what waits for it.
    const checked = pulumi.unsecret(passed.apply((): pulumi.Resource[] => []));
    // A resource that waits for one that was refused waits for ever: each waits for the checks first, which reject.
    const after: After = (resources) => checked.apply(() => pulumi.all(resources));

    const ready = agent.register(checked);
    const context = { component: this, settings, agentHost: this.serviceHost, keptLogs, heldBack, after };
    const connection = throughMesh ? connectByMesh(context, mesh, ready) : connectByFilters(context, ready);

    const cluster = whenKnown(settings.namespace, (namespace) =>
      askedCluster(settings, endpointOf(settings, namespace)),
    );
    const observability = registerObservability(this, settings, cluster, after(ready));
    this.prometheusRulesYaml = observability.prometheusRulesYaml;
    this.proxyStatsYaml = observability.proxyStatsYaml;

    this.secretName = agent.secretName;
    keepSidecarAgent(this, args, agent.secretName);
    const { extAuthz, accessLog } = settings.mesh.providerNames;
    this.extAuthzProviderName = pulumi.output(throughMesh ? extAuthz : undefined);
    this.accessLogProviderName = pulumi.output(
      throughMesh && settings.agent.expectResponseData ? accessLog : undefined,
    );
    this.meshConfigMaps = pulumi.all(edits.map((edit) => edit.configMap));
    this.authorizationPolicies = idsOf(connection.seen.apply(() => after(connection.policies)));
    this.telemetries = idsOf(connection.seen.apply(() => after(connection.telemetries)));
    this.envoyFilters = idsOf(connection.seen.apply(() => after(connection.envoyFilters)));
    this.coverage = pulumi.all(
      settings.targets.map((target) =>
        pulumi
          .all([target.namespace, target.matchLabels, this.serviceHost, heldBack])
          .apply(([namespace, matchLabels, agentHost, held]) =>
            targetCoverage(settings, target, {
              namespace,
              matchLabels,
              agentHost,
              isHeldBack: target.name in held,
            }),
          ),
      ),
    );
    this.notInspected = pulumi
      .all([pathNormalizationOf(meshes), heldBack, connection.settled])
      .apply(([normalization, held]) => notInspected(settings, normalization, held));
    this.registerOutputs(Object.fromEntries(outputNames.map((output) => [output, this[output]])));
  }

  /**
   * With Sidecar placement, the agent for `withSigsciAgent` and `sigsciAgentTransform`, with the Secret of this
   * component.
   *
   * @throws pulumi.ResourceError with any other placement.
   */
  sidecarAgent(): SidecarAgentArgs {
    return sidecarAgentOf(this);
  }

  private planMesh(
    settings: IntegrationSettings,
    id: pulumi.Output<string>,
    providers: pulumi.Input<ExtensionProvider[]>,
    reader: Reader,
    validated: pulumi.Output<boolean>,
  ): PlannedMesh {
    const owner = `${stackName()}/${settings.name}`;
    const { name, teardown } = settings;
    const context = { component: this, name, owner, id, providers, teardown, reader };
    const mesh = planMesh(context, settings.mesh, validated);
    for (const { plan } of mesh.edits) {
      plan.apply(({ notes }) => {
        for (const note of notes) {
          void pulumi.log.info(printable(note), this);
        }
      });
    }
    pathNormalizationOf(mesh.meshes).apply((normalization) => {
      for (const warning of normalizationWarnings(teardown ? [] : settings.targets, normalization)) {
        void pulumi.log.warn(warning, this);
      }
    });
    return mesh;
  }
}

/** What a stack sees of the component. */
const outputNames = [
  "namespace",
  "serviceHost",
  "servicePort",
  "secretName",
  "extAuthzProviderName",
  "accessLogProviderName",
  "extensionProviders",
  "extensionProvidersYaml",
  "helmValuesYaml",
  "istioOperatorYaml",
  "meshConfigMaps",
  "authorizationPolicies",
  "telemetries",
  "envoyFilters",
  "prometheusRulesYaml",
  "proxyStatsYaml",
  "coverage",
  "notInspected",
] as const satisfies readonly (keyof SigsciIstioIntegration)[];

/** With EnvoyFilter enforcement the mesh configuration plays no part. */
const noMesh: PlannedMesh = {
  edits: [],
  meshes: [],
  plan: pulumi.output(true),
  registerIstiodPatches: () => [],
};
