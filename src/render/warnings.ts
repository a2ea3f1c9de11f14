import { named } from "../preflight/finding";
import type { Coverage, IdleProtection } from "./coverage";
import type { MeshFacts } from "./meshFacts";
import type { Protection } from "./protections";

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function unprotected({ workloads, counts }: Coverage): string[] {
  if (counts.unprotected === 0) {
    return [];
  }
  const names = workloads
    .filter(({ status }) => status === "unprotected")
    .map(({ workload }) => `${workload.namespace}/${workload.name}`);
  return [`${plural(counts.unprotected, "workload is", "workloads are")} not protected: ${named(names)}`];
}

function idle(coverage: Coverage, manifestsGiven: boolean): string[] {
  // What a program creates itself is not all there is.
  const unselected = manifestsGiven ? coverage.idle.filter(({ selected }) => selected.length === 0) : [];
  const names = unselected.map(({ protection }) => protection.policy);
  return [
    ...(names.length === 0
      ? []
      : [
          `${plural(names.length, "policy selects", "policies select")} none of the given workloads: ${named(names)}`,
        ]),
    ...coverage.idle.flatMap(withoutEffect),
  ];
}

/** A policy whose workloads are there, but whose proxies do not run it. */
function withoutEffect({ protection: { policy, limits }, selected }: IdleProtection): string[] {
  const names = selected.map(({ workload, status, remark }) => {
    const reason = status === "outside" ? `not in the mesh: ${remark ?? ""}` : (remark ?? limits.text);
    return `${workload.namespace}/${workload.name} (${reason})`;
  });
  return names.length === 0
    ? []
    : [`policy ${policy} reaches none of the given workloads, although it selects ${named(names)}`];
}

function conflicts({ conflicting }: Coverage): string[] {
  return conflicting.map(({ workload, protections }) => {
    const providers = [...new Set(protections.flatMap(({ provider }) => provider ?? []))].join(" and ");
    return (
      `${workload.namespace}/${workload.name} has policies of two providers (${providers}): ` +
      `Istio denies its requests unless it is set up for several`
    );
  });
}

/** Pods that started before injection was on. */
function withoutProxy({ workloads }: Coverage): string[] {
  return workloads.flatMap(({ workload: { namespace, name, pods }, status }) =>
    status === "protected" && pods.bare.length > 0
      ? [
          `${namespace}/${name}: ${pods.bare.length} of ${pods.count} pods run without Istio's proxy ` +
            `(${named(pods.bare)}): their requests pass without inspection until they are started again`,
        ]
      : [],
  );
}

/** A policy that is labelled with a revision means nothing to the istiod of another one. */
function otherRevisions({ workloads }: Coverage): string[] {
  const doubtful = workloads.flatMap(({ workload: { namespace, name, injection }, protections }) => {
    const own = "revision" in injection ? injection.revision : undefined;
    const others = protections.flatMap(({ revision }) => (revision === own ? [] : (revision ?? [])));
    return others.map((revision) => ({ name: `${namespace}/${name}`, revision }));
  });
  return [...new Set(doubtful.map(({ revision }) => revision))].map((wanted) => {
    const names = [
      ...new Set(doubtful.filter(({ revision }) => revision === wanted).map(({ name }) => name)),
    ];
    return (
      `${plural(names.length, "workload is", "workloads are")} protected only if revision ${wanted} of Istio serves ` +
      `${names.length === 1 ? "it" : "them"}, for which alone the policies are labelled (istio.io/rev): ${named(names)}`
    );
  });
}

function missingProviders(protections: readonly Protection[], { providers }: MeshFacts): string[] {
  if (providers === undefined) {
    return [];
  }
  const missing = new Set(
    protections.flatMap(({ provider }) => provider ?? []).filter((name) => !providers.has(name)),
  );
  return [...missing].map(
    (name) =>
      `provider ${name} is in no mesh config seen here: until it is, Istio denies the requests its policies match, ` +
      `also with failOpen`,
  );
}

/** What the render itself has to warn of, besides the program's own warnings. */
export function findWarnings(
  coverage: Coverage,
  protections: readonly Protection[],
  mesh: MeshFacts,
  manifestsGiven: boolean,
): string[] {
  return [
    ...unprotected(coverage),
    ...withoutProxy(coverage),
    ...conflicts(coverage),
    ...otherRevisions(coverage),
    ...missingProviders(protections, mesh),
    ...idle(coverage, manifestsGiven),
  ];
}

/** What the reader has to know to judge the coverage. */
export function findNotes({ workloads, assumed, unseenGateways }: Coverage, mesh: MeshFacts): string[] {
  const proxies = workloads.map(({ workload }) => workload.injection.proxy);
  if (mesh.isAmbient && proxies.length > 0 && !proxies.includes("ambient")) {
    return [
      `the mesh config is that of an ambient installation, and no given manifest says which namespaces are in ambient ` +
        `mode: all workloads count as having a sidecar. Add the Namespace manifests to --workloads; in ambient mode ` +
        `only a waypoint can inspect`,
    ];
  }
  const names = `${assumed.length === 1 ? "namespace" : "namespaces"} ${named(assumed)}`;
  const unknownNamespaces =
    assumed.length === 0
      ? []
      : [
          `the labels of ${names} are not known: pods there count as having a sidecar. Add the Namespace manifests to ` +
            `--workloads`,
        ];
  const unknownGateways =
    unseenGateways.length === 0
      ? []
      : [
          `nothing is known of ${unseenGateways.length === 1 ? "Gateway" : "Gateways"} ${named(unseenGateways)}: each ` +
            `counts as a waypoint of Istio, for Services. Add the Gateways to --workloads`,
        ];
  return [...unknownNamespaces, ...unknownGateways];
}
