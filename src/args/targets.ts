import type * as pulumi from "@pulumi/pulumi";
import type { InspectionMode } from "./inspection";

/**
 * What is inspected. All conditions of one rule must hold; values within a condition are alternatives.
 * A rule without conditions matches every request. Strings match exactly, by prefix (`/api/*`) or by
 * suffix (`*.html`).
 *
 * Istio: [AuthorizationPolicy](https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule); a CUSTOM policy cannot use identities,
 * namespaces or JWT claims.
 */
export interface InspectionRuleArgs {
  /** Request paths to inspect; no templates. Another spelling is another path: better name what to leave out. @default all */
  paths?: string[];
  /**
   * Request paths not to inspect, such as health checks; also templates with `{*}` and `{**}`. Prefer exact paths: what
   * begins with `/static/` may be read as another path by the application, for example `/static/..%2fadmin`.
   *
   * @default none
   */
  notPaths?: string[];
  /** HTTP methods to inspect, in capitals. gRPC is always `POST`. @default all */
  methods?: string[];
  /** HTTP methods not to inspect. @default none */
  notMethods?: string[];
  /**
   * Hosts to inspect, without regard to case, port and a dot at the end. A suffix (`*.example.com`) needs enforcement
   * EnvoyFilter or ExternalProcessing. A workload that answers whatever the host is answers other hosts uninspected.
   *
   * @default all
   */
  hosts?: string[];
  /** Hosts not to inspect, exactly as written apart from case. Any client can name them. @default none */
  notHosts?: string[];
  /** Ports of the workload to inspect (container ports, not Service ports). @default all */
  ports?: number[];
  /** Ports of the workload not to inspect. @default none */
  notPorts?: number[];
  /** Source addresses of the connection to inspect, IP or CIDR. @default all */
  ipBlocks?: string[];
  /** Source addresses of the connection not to inspect. @default none */
  notIpBlocks?: string[];
  /** Original client addresses (`X-Forwarded-For`) to inspect, IP or CIDR. @default all */
  remoteIpBlocks?: string[];
  /** Original client addresses not to inspect. @default none */
  notRemoteIpBlocks?: string[];
  /** Conditions on request headers. A client can send any header, and leave any out. @default none */
  headers?: HeaderConditionArgs[];
}

/** A condition on one request header. */
export interface HeaderConditionArgs {
  /** Name of the header. */
  name: string;
  /** Values that match; at least one of `values` and `notValues` is given. @default none */
  values?: string[];
  /** Values that do not match. @default none */
  notValues?: string[];
}

/** Names of the conditions of a rule. */
export const conditionNames = [
  "paths",
  "notPaths",
  "methods",
  "notMethods",
  "hosts",
  "notHosts",
  "ports",
  "notPorts",
  "ipBlocks",
  "notIpBlocks",
  "remoteIpBlocks",
  "notRemoteIpBlocks",
  "headers",
] as const satisfies readonly (keyof InspectionRuleArgs)[];

/**
 * The conditions of a target itself, as one rule.
 *
 * @param target - The target.
 */
export function conditionsOf(target: TargetArgs): InspectionRuleArgs {
  const given = conditionNames.filter((name) => target[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, target[name]]));
}

/** What kind of proxy answers for a target. */
export enum TargetKind {
  /** Workloads with a sidecar, by namespace and labels: requests between services and from a gateway. */
  Workload = "Workload",
  /** Gateways at the edge of the mesh: Istio's by labels, those of the Gateway API by `targetRefs`. */
  Gateway = "Gateway",
  /** Waypoint proxies of ambient mode, by `targetRefs`. Only with enforcement AuthorizationPolicy. */
  Waypoint = "Waypoint",
}

/** Kind of the object that a `TargetRefArgs` names. */
export enum TargetRefKind {
  /** A Gateway of the Gateway API: a gateway, or a waypoint. */
  Gateway = "Gateway",
  /** A Service whose requests pass a waypoint. */
  Service = "Service",
  /** A ServiceEntry whose requests pass a waypoint. */
  ServiceEntry = "ServiceEntry",
  /** The class `istio-waypoint`: every waypoint; in Istio's root namespace only. */
  GatewayClass = "GatewayClass",
}

/**
 * An object in the target's namespace whose proxy is meant.
 *
 * Istio: [PolicyTargetReference](https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference).
 */
export interface TargetRefArgs {
  /** Kind of the object. */
  kind: TargetRefKind;
  /** Name of the object. */
  name: string;
}

/** Kind of a workload that gets the agent into its pods. */
export enum WorkloadKind {
  /** A Deployment. */
  Deployment = "Deployment",
  /** A StatefulSet. */
  StatefulSet = "StatefulSet",
  /** A DaemonSet. */
  DaemonSet = "DaemonSet",
}

/** A workload of somebody else in the target's namespace. */
export interface WorkloadArgs {
  /**
   * Kind of the workload.
   *
   * @default WorkloadKind.Deployment
   */
  kind?: WorkloadKind;
  /** Name of the workload. */
  name: string;
}

/** One thing to protect: workloads or gateways by labels, gateways or waypoints by reference. */
export interface TargetArgs extends InspectionRuleArgs {
  /** Name of the target, a DNS label; unique within the component and part of the names of its objects. */
  name: string;

  /**
   * What kind of proxy answers for the target.
   *
   * @default TargetKind.Workload
   */
  kind?: TargetKind;

  /** Namespace of the workloads, of the gateway or of the waypoint. */
  namespace: pulumi.Input<string>;

  /**
   * What the agent's verdict does to requests of this target.
   *
   * @default that of `inspection.mode`
   */
  mode?: InspectionMode;

  /**
   * Last day on which this target observes, as `YYYY-MM-DD`.
   *
   * @default that of `inspection.observeUntil`
   */
  observeUntil?: string;

  /**
   * Labels that the pods carry, all of them. They may be those that a Deployment of the program has, as an Output: then
   * they are checked when they are known, before anything is created, and an Output without labels is refused.
   *
   * @default every workload of the namespace
   */
  matchLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /**
   * A workload that exists already and gets the agent into its pods, with Sidecar placement: the component patches
   * its pod template by server-side apply, which rolls the pods, and takes the agent out again when it is destroyed.
   * Its pods carry `matchLabels`. The patch touches nothing else and follows the workload's own changes.
   *
   * @default none; the program that owns the workload adds the agent with `withSigsciAgent`
   */
  workload?: WorkloadArgs;

  /**
   * The objects whose proxies are meant, at most 16, in place of `matchLabels`: Gateways of the Gateway API with
   * kind Gateway, and any `TargetRefKind` with kind Waypoint. Sidecars ignore them.
   *
   * @default none
   */
  targetRefs?: TargetRefArgs[];

  /**
   * Ports of the workload that carry gRPC (container ports, not Service ports), with enforcement EnvoyFilter or
   * ExternalProcessing: gRPC requests to them are checked as `envoyFilter.grpc` says, by their headers unless it is set.
   * On all other ports a body is inspected whatever `content-type` a client gives. With EnvoyFilter it is held for that,
   * and a gRPC stream that waits for answers hangs; with ExternalProcessing it passes piece by piece.
   *
   * @default none
   */
  grpcPorts?: number[];

  /**
   * Several rules in place of the conditions of the target itself: a request that matches any of them is
   * inspected. Excludes the conditions next to it.
   *
   * @default one rule, made of the conditions of the target
   */
  rules?: InspectionRuleArgs[];
}
