import type { ArgumentProblem } from "./problem";
import { dnsSubdomain } from "../kubernetes/syntax";
import { MeshConfigStrategy } from "../args/mesh";
import type { MeshArgs } from "../args/mesh";
import { configMapNameOf, environmentConfigMapName, meshSettings } from "../settings/mesh";

/** What does not go together in the mesh arguments, of the right types, and in the component's name. */
export function meshProblems(componentName: string, args: MeshArgs, path = "mesh"): ArgumentProblem[] {
  return [
    ...sharedProblems(args, path),
    ...revisionProblems(args, path),
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
  const value = environmentConfigMapName(sharedConfigMapName);
  const reason = dnsSubdomain(sharedConfigMapName) === undefined ? dnsSubdomain(value) : undefined;
  if (reason !== undefined) {
    problems.push({
      path: `${path}.sharedConfigMapName`,
      value,
      reason,
      remedy: "Give a shorter name: with patchIstiod there is a ConfigMap of this longer name too.",
    });
  }
  return problems;
}

function revisionProblems({ revisions, configMapName }: MeshArgs, path: string): ArgumentProblem[] {
  return revisions === undefined || configMapName === undefined
    ? []
    : [{ path: `${path}.revisions`, reason: "configMapName is given too", remedy: "Give one of the two." }];
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
