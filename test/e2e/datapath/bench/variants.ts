import { objectsFor } from "../objectsFor";
import type { Integration } from "../scenario";
import { ourFilterInPod } from "./ourFilterInPod";

/** One configuration to be measured. */
export interface Variant {
  readonly title: string;
  /** What is written for it; undefined when there is no agent in the mesh. */
  integration(): Promise<Integration | undefined>;
}

/** Ours beside the guide's, with the agent in the same place. */
export interface Pair {
  readonly title: string;
  readonly guide: Variant;
  readonly ours: Variant;
}

// As the guide's: no access log besides the agent's.
const quiet = { keepAccessLogProviders: [] };
const patience = "5s";
const patient = { timeout: patience };

/** The proxy without an agent. */
export const bare: Variant = { title: "no agent", integration: () => Promise.resolve(undefined) };

const guideFilter: Variant = {
  title: "guide, EnvoyFilter",
  integration: () => objectsFor({ name: "bench-guide-filter", form: "guide-EnvoyFilter" }),
};
const guideProviders: Variant = {
  title: "guide, providers",
  integration: () => objectsFor({ name: "bench-guide-providers", form: "guide-providers" }),
};
const ourFilter: Variant = {
  title: "ours, EnvoyFilter",
  integration: () => Promise.resolve(ourFilterInPod("bench-ef", {})),
};
const ourGuideForm: Variant = {
  title: "ours, guideCompatible",
  integration: () =>
    objectsFor({
      name: "bench-gc",
      form: "EnvoyFilter",
      placement: "sidecar",
      envoyFilter: { guideCompatible: true },
    }),
};
const ourFilterAtService: Variant = {
  title: "ours, EnvoyFilter, Service",
  integration: () => objectsFor({ name: "bench-efs", form: "EnvoyFilter" }),
};
const ourProcessor: Variant = {
  title: "ours, ExternalProcessing",
  integration: () => objectsFor({ name: "bench-ep", form: "ExternalProcessing" }),
};
const ourPolicy: Variant = {
  title: "ours, AuthorizationPolicy",
  integration: () => objectsFor({ name: "bench-ap", form: "AuthorizationPolicy", inspection: quiet }),
};

/** What asks the agent twice for each request: the response waits too, so that it is not held to be as fast. */
export const processing: Pair = {
  title: "ExternalProcessing, agent as a Service",
  guide: guideProviders,
  ours: ourProcessor,
};

/** With the timeouts that the guide and the package have: 0.2 s. */
export const pairs: readonly Pair[] = [
  { title: "EnvoyFilter, agent in the pod", guide: guideFilter, ours: ourFilter },
  { title: "AuthorizationPolicy, agent as a Service", guide: guideProviders, ours: ourPolicy },
  { title: "EnvoyFilter, agent as a Service", guide: guideProviders, ours: ourFilterAtService },
  processing,
];

/**
 * Ours with what the guide's EnvoyFilter does and no more, its limit on concurrent checks among it. For the cost only.
 */
export const likeForLike: Pair = {
  title: "EnvoyFilter, guideCompatible, agent in the pod",
  guide: guideFilter,
  ours: ourGuideForm,
};

/** The same with a timeout of 5 s, so that a slow machine does not decide. */
export const patientPairs: readonly Pair[] = [
  {
    title: "EnvoyFilter, agent in the pod, 5 s",
    guide: waitingLonger(guideFilter),
    ours: {
      title: "ours, EnvoyFilter, 5 s",
      integration: () => Promise.resolve(ourFilterInPod("bench-ef2", patient)),
    },
  },
  {
    title: "AuthorizationPolicy, agent as a Service, 5 s",
    guide: waitingLonger(guideProviders),
    ours: {
      title: "ours, AuthorizationPolicy, 5 s",
      integration: () =>
        objectsFor({ name: "bench-ap2", form: "AuthorizationPolicy", inspection: { ...quiet, ...patient } }),
    },
  },
  {
    title: "ExternalProcessing, agent as a Service, 5 s",
    guide: waitingLonger(guideProviders),
    ours: {
      title: "ours, ExternalProcessing, 5 s",
      integration: () => objectsFor({ name: "bench-ep2", form: "ExternalProcessing", inspection: patient }),
    },
  },
];

/** The guide's configuration with another timeout and nothing else changed. */
function waitingLonger(guide: Variant): Variant {
  return {
    title: `${guide.title}, 5 s`,
    integration: async () => {
      const text = JSON.stringify(await guide.integration());
      // The same object apart from the value of a field.
      return JSON.parse(text.replaceAll('"timeout":"0.2s"', `"timeout":"${patience}"`)) as Integration;
    },
  };
}
