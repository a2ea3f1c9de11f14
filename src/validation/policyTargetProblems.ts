import { conditionsOf } from "../args/targets";
import type { TargetArgs } from "../args/targets";
import type { ArgumentProblem } from "./problem";

/** Reasons to refuse a target with AuthorizationPolicy enforcement: what Istio's policies cannot say. */
export function policyTargetProblems(target: TargetArgs, path: string): ArgumentProblem[] {
  const { rules, grpcPorts } = target;
  return [
    ...(grpcPorts === undefined
      ? []
      : [
          {
            path: `${path}.grpcPorts`,
            value: grpcPorts,
            reason: "an AuthorizationPolicy checks every port of a workload in the same way, bodies included",
            remedy:
              'Set enforcement to "EnvoyFilter", leave these ports uninspected with notPorts, or set ' +
              "inspection.body.enabled to false.",
          },
        ]),
    ...(rules === undefined
      ? hostProblems(conditionsOf(target).hosts, path)
      : rules.flatMap(({ hosts }, index) => hostProblems(hosts, `${path}.rules[${index}]`))),
  ];
}

function hostProblems(hosts: readonly string[] = [], path: string): ArgumentProblem[] {
  return hosts.flatMap((host, index) =>
    /^\*./.test(host)
      ? [
          {
            path: `${path}.hosts[${index}]`,
            value: host,
            reason:
              "Istio's patterns cannot say that a port may follow, so a client that sends one would pass uninspected",
            remedy: 'List the hosts, leave `hosts` out, or set enforcement to "EnvoyFilter".',
          },
        ]
      : [],
  );
}
