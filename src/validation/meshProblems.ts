import { leafProblems } from "./known";
import type { ArgumentProblem } from "./problem";
import { dnsLabel, dnsSubdomain } from "../kubernetes/syntax";
import { MeshConfigStrategy } from "../args/mesh";
import type { MeshArgs } from "../args/mesh";
import { configMapNameOf, environmentConfigMapName, meshSettings } from "../settings/mesh";

/** Providers that istiod defines itself. Source: Istio, default mesh configuration. */
const builtInProviders: readonly string[] = ["prometheus", "stackdriver", "envoy"];

/**
 * Reasons to refuse the mesh arguments.
 *
 * @param componentName - Logical name of the component; the providers are named after it by default.
 * @param args - The arguments, of the declared types.
 * @param path - Where they stand.
 */
export function meshProblems(componentName: string, args: MeshArgs, path = "mesh"): ArgumentProblem[] {
  const names = args.providerNames;
  const providerRemedy = "Use lower case letters, digits and hyphens, at most 63.";
  return [
    ...leafProblems(`${path}.istioNamespace`, args.istioNamespace, dnsLabel, "Give the namespace of istiod."),
    ...leafProblems(
      `${path}.configMapName`,
      args.configMapName,
      dnsSubdomain,
      "Give the name of the ConfigMap.",
    ),
    ...leafProblems(
      `${path}.clusterDomain`,
      args.clusterDomain,
      dnsSubdomain,
      "Give a DNS name, for example cluster.local.",
    ),
    ...leafProblems(
      `${path}.sharedConfigMapName`,
      args.sharedConfigMapName,
      dnsSubdomain,
      "Give the name of the ConfigMap.",
    ),
    ...sharedProblems(args, path),
    ...revisionProblems(args, path),
    ...leafProblems(`${path}.providerNames.extAuthz`, names?.extAuthz, providerName, providerRemedy),
    ...leafProblems(`${path}.providerNames.accessLog`, names?.accessLog, providerName, providerRemedy),
    ...sameNames(componentName, args, path),
  ];
}

/** What goes with strategy Shared only, and what does not go with it. */
function sharedProblems(args: MeshArgs, path: string): ArgumentProblem[] {
  const { strategy = MeshConfigStrategy.Patch, sharedConfigMapName, revisions = ["default"] } = args;
  if (strategy !== MeshConfigStrategy.Shared) {
    const fields = ["sharedConfigMapName", "createSharedConfigMap", "checkIstiod", "patchIstiod"] as const;
    return fields
      .filter((field) => args[field] !== undefined)
      .map((field) => ({
        path: `${path}.${field}`,
        value: args[field],
        reason: `it has no effect with strategy ${strategy}`,
        remedy: 'Leave it out, or set mesh.strategy to "Shared".',
      }));
  }
  const problems: ArgumentProblem[] = [];
  if (args.configMapName !== undefined) {
    problems.push({
      path: `${path}.configMapName`,
      reason: "with strategy Shared the ConfigMap of Istio's own installation is not touched",
      remedy: "Give sharedConfigMapName instead, or leave it out.",
    });
  }
  if (sharedConfigMapName !== undefined && revisions.map(configMapNameOf).includes(sharedConfigMapName)) {
    problems.push({
      path: `${path}.sharedConfigMapName`,
      value: sharedConfigMapName,
      reason: "it is the ConfigMap of Istio's own installation, which wins over the shared one",
      remedy: "Give another name.",
    });
  }
  return [...problems, ...patchProblems(args, path)];
}

function patchProblems(
  { patchIstiod = false, checkIstiod = true, sharedConfigMapName = "" }: MeshArgs,
  path: string,
): ArgumentProblem[] {
  if (!patchIstiod) {
    return [];
  }
  const problems: ArgumentProblem[] = [];
  if (!checkIstiod) {
    problems.push({
      path: `${path}.patchIstiod`,
      value: patchIstiod,
      reason: "an istiod that is not read cannot be patched, and mesh.checkIstiod is false",
      remedy: "Leave out one of the two.",
    });
  }
  if (dnsSubdomain(sharedConfigMapName) === undefined) {
    const name = environmentConfigMapName(sharedConfigMapName);
    problems.push(
      ...leafProblems(
        `${path}.sharedConfigMapName`,
        name,
        dnsSubdomain,
        "Give a shorter name: with patchIstiod there is a ConfigMap of this longer name too.",
      ),
    );
  }
  return problems;
}

function providerName(name: string): string | undefined {
  return builtInProviders.includes(name) ? "Istio defines a provider of this name itself" : dnsLabel(name);
}

function revisionProblems({ revisions, configMapName }: MeshArgs, path: string): ArgumentProblem[] {
  if (revisions === undefined) {
    return [];
  }
  const place = `${path}.revisions`;
  const problems = revisions.flatMap((revision, index) => [
    ...leafProblems(
      `${place}[${index}]`,
      revision,
      dnsLabel,
      'Give a revision name, "default" for the unnamed one.',
    ),
    ...(revisions.indexOf(revision) < index
      ? [
          {
            path: `${place}[${index}]`,
            value: revision,
            reason: "it is listed twice",
            remedy: "List it once.",
          },
        ]
      : []),
  ]);
  if (revisions.length === 0) {
    problems.push({
      path: place,
      value: revisions,
      reason: "no revision is listed",
      remedy: "List at least one.",
    });
  }
  if (configMapName !== undefined) {
    problems.push({ path: place, reason: "configMapName is given too", remedy: "Give one of the two." });
  }
  return problems;
}

/** Compares the names with the defaults filled in: a given name may be the default of the other provider. */
function sameNames(componentName: string, args: MeshArgs, path: string): ArgumentProblem[] {
  const { extAuthz, accessLog } = meshSettings(componentName, args).providerNames;
  return extAuthz === accessLog
    ? [
        {
          path: `${path}.providerNames`,
          value: args.providerNames,
          reason: "both providers would have the same name, and Istio would use the last one only",
          remedy: "Give them different names.",
        },
      ]
    : [];
}
