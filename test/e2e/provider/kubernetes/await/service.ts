import type { JsonObject } from "../../values";
import { at, stringAt } from "../objects";
import type { Readiness } from "./waiting";

const NO_PODS =
  "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' " +
  "may not match labels on any Pods";
const NO_ADDRESS = "Service was not allocated an IP address; does your cloud provider support this?";

/** How long the endpoints of a Service must stay unchanged before the real provider trusts them. */
export const SETTLE_MS = 10_000;

/** True when nothing about Pods is awaited: no cluster address, an external name, or no selector. */
export function ignoresPods(service: JsonObject): boolean {
  const selector = at(service, "spec", "selector");
  return (
    stringAt(service, "spec", "clusterIP") === "None" ||
    stringAt(service, "spec", "type") === "ExternalName" ||
    typeof selector !== "object" ||
    selector === null ||
    Object.keys(selector).length === 0
  );
}

/**
 * Whether a Service can take traffic: its Endpoints object exists and lists no address that is not ready, and a
 * load balancer has an address.
 * @param endpoints the Endpoints object of the Service's name, undefined when there is none
 */
export function serviceReadiness(service: JsonObject, endpoints: JsonObject | undefined): Readiness {
  const problems: string[] = [];
  if (!ignoresPods(service) && !endpointsReady(endpoints)) {
    problems.push(NO_PODS);
  }
  const addresses = at(service, "status", "loadBalancer", "ingress");
  const hasAddress = Array.isArray(addresses) && addresses.length > 0;
  if (stringAt(service, "spec", "type") === "LoadBalancer" && !hasAddress) {
    problems.push(NO_ADDRESS);
  }
  return { ready: problems.length === 0, problems, object: service };
}

function endpointsReady(endpoints: JsonObject | undefined): boolean {
  if (!endpoints) {
    return false;
  }
  const { subsets } = endpoints;
  if (!Array.isArray(subsets)) {
    return true;
  }
  return subsets.every((subset) => {
    const waiting = at(subset, "notReadyAddresses");
    return !Array.isArray(waiting) || waiting.length === 0;
  });
}

/**
 * Says when endpoints have settled: the same version of them has been seen for {@link SETTLE_MS}.
 * A new one for every wait.
 */
export class Settling {
  private version = "";
  private since = 0;

  constructor(private readonly now: () => number = Date.now) {}

  /** Takes note of the endpoints as they are now; true when they have stayed so for long enough. */
  settled(endpoints: JsonObject | undefined): boolean {
    const version = endpoints ? stringAt(endpoints, "metadata", "resourceVersion") : "";
    if (version !== this.version) {
      this.version = version;
      this.since = this.now();
    }
    return version !== "" && this.now() - this.since >= SETTLE_MS;
  }
}
