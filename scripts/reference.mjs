// A plugin of TypeDoc for docs/reference: one page for each topic, and a column for the defaults.
import { Comment, CommentTag, Converter, DeclarationReflection, ReflectionKind } from "typedoc";

/** The pages in their order: what each is about, and what stands on it. What a program starts from comes first. */
const pages = {
  component: {
    about: "The component: all arguments, all outputs. The other pages describe one argument each.",
    members: ["SigsciIstioIntegration", "SigsciIstioIntegrationArgs", "Placement", "Enforcement"],
  },
  credentials: {
    about: "Where the keys come from; explained in [Credentials](../credentials.md).",
    members: ["CredentialsArgs", "ExistingSecretArgs"],
  },
  targets: {
    about: "What is inspected; explained in [Targets](../targets.md).",
    members: [
      "TargetArgs",
      "InspectionRuleArgs",
      "HeaderConditionArgs",
      "TargetKind",
      "TargetRefArgs",
      "TargetRefKind",
      "WorkloadArgs",
      "WorkloadKind",
      "TargetCoverage",
    ],
  },
  inspection: {
    about: "How a request is checked; explained in [Fail modes](../operations.md#fail-modes).",
    members: ["InspectionArgs", "InspectionMode", "BodyInspectionArgs"],
  },
  agent: {
    about: "The agent's image, options, size and pods; explained in [Placements](../placements.md).",
    members: [
      "AgentArgs",
      "AutoscalingArgs",
      "AgentImageArgs",
      "ImagePullPolicy",
      "AgentOptionsArgs",
      "TemporaryVolumeArgs",
      "StartupProbeArgs",
      "ShutdownArgs",
      "NetworkPolicyArgs",
    ],
  },
  sidecar: {
    about: "The agent in the pods of applications; explained in [Placements](../placements.md#sidecar).",
    members: [
      "SidecarPlacementArgs",
      "SidecarInjection",
      "AdmissionFailurePolicy",
      "ExcludedPodsArgs",
      "SidecarForm",
      "withSigsciAgent",
      "SidecarAgentArgs",
      "sigsciAgentTransform",
      "SigsciAgentTransformArgs",
      "SidecarRefusal",
      "ArgumentProblem",
    ],
  },
  mesh: {
    about: "How the providers reach istiod; explained in [Mesh strategies](../mesh-strategies.md).",
    members: [
      "MeshArgs",
      "MeshConfigStrategy",
      "ProviderNamesArgs",
      // Before the function: the anchors of a page differ in more than capitals only for the later one.
      "ExtensionProviderDefinitions",
      "extensionProviderDefinitions",
      "ExtensionProviderDefinitionsArgs",
      "MeshHelmValues",
      "ExtensionProvider",
      "EnvoyExtAuthzGrpc",
      "RequestBodyInCheck",
      "EnvoyHttpAls",
    ],
  },
  envoyFilter: {
    about: "How EnvoyFilters are made; explained in [Enforcement](../enforcement.md#envoyfilter).",
    members: [
      "EnvoyFilterArgs",
      "FilterPosition",
      "GrpcInspection",
      "AccessLogTransport",
      "CircuitBreakersArgs",
    ],
  },
  externalProcessing: {
    about:
      "What external processing sends and may change; explained in [Enforcement](../enforcement.md#externalprocessing).",
    members: ["ExternalProcessingArgs", "BodyMode"],
  },
  preflight: {
    about:
      "What is looked at in the cluster before anything is created; explained in [Preflight](../preflight.md).",
    members: ["PreflightArgs", "PreflightCheck"],
  },
  observability: {
    about: "Alerts, dashboard and metrics; explained in [Metrics](../metrics.md).",
    members: [
      "ObservabilityArgs",
      "PrometheusRulesArgs",
      "DashboardArgs",
      "AgentMetricsArgs",
      "PodMonitorArgs",
      "ProxyStatsArgs",
    ],
  },
};

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const exported = new Map((project.children ?? []).map((child) => [child.name, child]));
    for (const child of exported.values()) {
      if (child.name.endsWith("Args")) {
        child.children?.forEach(showDefault);
      }
    }
    for (const [title, { about, members }] of Object.entries(pages)) {
      const page = new DeclarationReflection(title, ReflectionKind.Module, project);
      page.comment = new Comment([{ kind: "text", text: about }]);
      project.registerReflection(page, undefined, undefined);
      for (const name of members) {
        const member = exported.get(name);
        if (member === undefined) {
          throw new Error(`scripts/reference.mjs names ${name}, which src/index.ts does not export`);
        }
        exported.delete(name);
        project.removeChild(member);
        member.parent = page;
        page.addChild(member);
        inOneGroup(member);
      }
      project.addChild(page);
    }
    if (exported.size > 0) {
      throw new Error(`scripts/reference.mjs has no page for ${[...exported.keys()].join(", ")}`);
    }
  });
}

/** Left alone, classes, enumerations, functions and interfaces would be groups of a page, in this order. */
function inOneGroup(member) {
  const holder = member.signatures?.[0] ?? member;
  holder.comment ??= new Comment();
  holder.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: "All" }]));
}

/** The theme has a column for `@defaultValue`; a literal stands in it as code. */
function showDefault(argument) {
  argument.comment ??= new Comment();
  const { comment, flags } = argument;
  const given = comment.getTag("@default");
  const missing = { kind: "text", text: flags.isOptional ? "-" : "required" };
  const content = given === undefined ? [missing] : given.content.map(asCode);
  comment.blockTags = comment.blockTags.filter((tag) => tag !== given);
  comment.blockTags.push(new CommentTag("@defaultValue", content));
}

function asCode(part) {
  const isLiteral =
    part.kind === "text" && /^(true|false|\d+|"[^"]*"|\[.*\]|[A-Z]\w*\.\w+)$/s.test(part.text);
  return isLiteral ? { kind: "code", text: `\`${part.text}\`` } : part;
}
