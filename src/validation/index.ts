import { Enforcement } from "../args/integration";
import type { SigsciIstioIntegrationArgs } from "../args/integration";
import { rfc1035Label } from "../kubernetes/syntax";
import { isDeferred, isRecord } from "../pulumi/inputs";
import { Refusal } from "../pulumi/refusal";
import { defaultIstioNamespace } from "../settings/mesh";
import { admissionWarnings } from "./admissionProblems";
import { agentProblems } from "./agentProblems";
import { agentWarnings } from "./agentWarnings";
import { allProblems } from "./allProblems";
import { anonymousIpSecretKeyProblems, credentialsProblems } from "./credentialsProblems";
import { enforcementProblems, enforcementWarnings } from "./enforcementProblems";
import { otherFields } from "./fields";
import { inspectionProblems } from "./inspectionProblems";
import { inspectionWarnings } from "./inspectionWarnings";
import { known } from "./known";
import { meshProblems } from "./meshProblems";
import { modeProblems } from "./modeProblems";
import { modeWarnings } from "./modeWarnings";
import { namespaceProblems } from "./namespaceProblems";
import { observabilityProblems, observabilityWarnings } from "./observabilityProblems";
import { placementProblems } from "./placementProblems";
import { podSecurityProblems, podSecurityWarnings } from "./podSecurity";
import { preflightProblems } from "./preflightProblems";
import { shownValue } from "./problem";
import type { ArgumentProblem } from "./problem";
import { revisionLabelWarnings } from "./revisionLabel";
import type { ShapeProblem } from "./shapeType";
import { argumentNames, integrationShape } from "./shapes/integration";
import { scalingProblems, scalingWarnings } from "./scalingProblems";
import { targetPlaceProblems } from "./targetPlaceProblems";
import { targetsProblems } from "./targetProblems";

const longestDerivedSuffix = "-access-log".length;

/**
 * Every reason to refuse the arguments. Values that are known only later are skipped: the component checks again
 * when they are known, before anything is created.
 *
 * @param args - From a program without type checks they may be anything.
 */
export function argumentProblems(name: string, args: unknown): ArgumentProblem[] {
  const shape = (given: unknown): ShapeProblem[] => integrationShape(given, "");
  return inArgumentOrder([
    ...nameProblems(name),
    ...allProblems<SigsciIstioIntegrationArgs>(args ?? {}, shape, (given) => combinedProblems(name, given)),
  ]);
}

/** What does not go together in arguments of the right types. */
function combinedProblems(name: string, args: SigsciIstioIntegrationArgs): ArgumentProblem[] {
  return [
    ...credentialsProblems(args.credentials, "credentials"),
    ...anonymousIpSecretKeyProblems(args.credentials, args.agent, "agent"),
    ...agentProblems(name, args.agent, "agent", args.enforcement === Enforcement.ExternalProcessing),
    ...scalingProblems(args),
    ...podSecurityProblems(args),
    // Stages share their arguments, and nothing is checked in teardown.
    ...(args.teardown === true
      ? []
      : [...inspectionProblems(args.inspection ?? {}, "inspection"), ...modeProblems(args)]),
    ...meshProblems(name, args.mesh ?? {}),
    ...targetsProblems(args.targets),
    ...targetPlaceProblems(name, args),
    ...enforcementProblems(args),
    ...placementProblems(args, rootNamespaceOf(args)),
    ...namespaceProblems(args, rootNamespaceOf(args)),
    ...preflightProblems(args.preflight),
    ...observabilityProblems(args),
  ];
}

/** What is wrong with one argument stands together, however it was found. */
function inArgumentOrder(problems: readonly ArgumentProblem[]): ArgumentProblem[] {
  const place = ({ path }: ArgumentProblem): number => argumentNames.indexOf(/^\w*/.exec(path)?.[0] ?? "");
  return [...problems].sort((one, other) => place(one) - place(other));
}

/** What a user should know about accepted arguments; `today` decides whether the agent's version has support. */
export function argumentWarnings(args: SigsciIstioIntegrationArgs, today: Date): string[] {
  const root = args.mesh?.istioNamespace ?? defaultIstioNamespace;
  const inRoot = args.targets.flatMap((target, index) =>
    !isDeferred(root) && target.namespace === root && target.matchLabels !== undefined
      ? [
          `targets[${index}] is in Istio's root namespace: its policy applies to workloads with these labels in ` +
            "every namespace, but its Telemetry only to those in the root namespace.",
        ]
      : [],
  );
  return [
    ...agentWarnings(args.agent, "agent", today),
    ...scalingWarnings(args),
    ...podSecurityWarnings(args),
    ...otherFields(integrationShape, args, "").map(otherFieldWarning),
    ...inspectionWarnings(
      args.inspection ?? {},
      args.teardown === true ? [] : args.targets,
      args.enforcement,
    ),
    ...(args.teardown === true ? [] : modeWarnings(args, today)),
    ...enforcementWarnings(args),
    ...observabilityWarnings(args),
    ...revisionLabelWarnings(args),
    ...admissionWarnings(args),
    ...inRoot,
  ];
}

function otherFieldWarning(path: string): string {
  return `${path}: no such field is known here. Check its name; an older API server refuses what only a newer one knows.`;
}

function rootNamespaceOf({ mesh }: SigsciIstioIntegrationArgs): string | undefined {
  return known(mesh?.istioNamespace ?? defaultIstioNamespace);
}

/**
 * Refuses a name that is none: most often it was forgotten, and the arguments stand in its place.
 *
 * @param call - What was called, for example `new SigsciIstioIntegration`.
 * @throws Refusal which shows the call with a name.
 */
export function refuseMissingName(call: string, name: unknown): void {
  if (typeof name !== "string" || name === "") {
    const given = isRecord(name) ? "the arguments stand in its place" : `it is ${shownValue(name)}`;
    throw new Refusal(
      `${call}: the name of the component is missing, ${given}.\n    Write ${call}("waf", { … }).`,
    );
  }
}

/** Reasons to refuse the logical name of a component. */
export function nameProblems(name: string): ArgumentProblem[] {
  const longest = 63 - longestDerivedSuffix;
  const reason =
    rfc1035Label(name) ?? (name.length > longest ? `it has more than ${longest} characters` : undefined);
  return reason === undefined
    ? []
    : [
        {
          path: "(name of the component)",
          value: name,
          reason: `Kubernetes objects and mesh providers are named after it, and ${reason}`,
          remedy: "Use lower case letters, digits and hyphens, for example waf.",
        },
      ];
}
