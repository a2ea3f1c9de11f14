import type * as k8s from "@pulumi/kubernetes";
import { byteQuantity, quantity, quantityNanos } from "../kubernetes/quantity";
import { known } from "./known";
import type { ArgumentProblem } from "./problem";

type Resources = k8s.types.input.core.v1.ResourceRequirements;

/** Everything that is wrong with the resources; leaves that are known only later are skipped. */
export function resourceProblems(resources: Resources, path: string): ArgumentProblem[] {
  const requests = quantities(resources.requests);
  const limits = quantities(resources.limits);
  return [...zeroLimitProblems(limits, `${path}.limits`), ...requestProblems(requests, limits, path)];
}

/** The quantities that are plain. */
function quantities(given: Resources["limits"]): Map<string, string> {
  const plain = Object.entries(known(given) ?? {}).flatMap(([name, value]) => {
    // Kubernetes takes null for an entry that is left out.
    const text = known(value) ?? undefined;
    return text === undefined ? [] : [[name, text] as const];
  });
  return new Map(plain);
}

/** What is no quantity of the requests, or of the limits. */
export function quantityProblems(given: Resources["limits"], path: string): ArgumentProblem[] {
  return [...quantities(given)].flatMap(([name, value]) => {
    const isBytes = name === "memory" || name === "ephemeral-storage";
    const reason = isBytes ? byteQuantity(value) : quantity(value);
    const remedy = isBytes
      ? 'Write bytes such as "512Mi" or "1Gi".'
      : 'Write a quantity such as "1" or "500m".';
    return reason === undefined ? [] : [{ path: `${path}.${name}`, value, reason, remedy }];
  });
}

function zeroLimitProblems(limits: Map<string, string>, path: string): ArgumentProblem[] {
  return [...limits]
    .filter(([name, value]) => (name === "cpu" || name === "memory") && quantityNanos(value) === 0n)
    .map(([name, value]) => ({
      path: `${path}.${name}`,
      value,
      reason: "the agent cannot run with a limit of zero",
      remedy: "Give a limit above zero, or leave it out for none.",
    }));
}

function requestProblems(
  requests: Map<string, string>,
  limits: Map<string, string>,
  path: string,
): ArgumentProblem[] {
  return [...requests].flatMap(([name, request]) => {
    const limit = limits.get(name);
    const most = quantityNanos(limit ?? "");
    const least = quantityNanos(request);
    if (most === undefined || least === undefined || least <= most) {
      return [];
    }
    return [
      {
        path: `${path}.requests.${name}`,
        value: request,
        reason: `the request is more than the limit, ${limit}`,
        remedy: `Lower the request or raise ${path}.limits.${name}.`,
      },
    ];
  });
}
