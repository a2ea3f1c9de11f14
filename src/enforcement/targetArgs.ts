import type * as pulumi from "@pulumi/pulumi";

/**
 * What is inspected. All conditions of one rule must hold; values within a condition are alternatives.
 * A rule without conditions matches every request. Strings match exactly, by prefix (`/api/*`) or by
 * suffix (`*.html`).
 *
 * Source: Istio, "AuthorizationPolicy"; a CUSTOM policy cannot use identities, namespaces or JWT claims.
 */
export interface InspectionRuleArgs {
  /** Request paths to inspect. @default all */
  paths?: string[];
  /** Request paths not to inspect, such as health checks. @default none */
  notPaths?: string[];
  /** HTTP methods to inspect, in capitals. gRPC is always `POST`. @default all */
  methods?: string[];
  /** HTTP methods not to inspect. @default none */
  notMethods?: string[];
  /** Hosts to inspect, matched without regard to case. @default all */
  hosts?: string[];
  /** Hosts not to inspect. @default none */
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
  /** Conditions on request headers. @default none */
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

/** One thing to protect: the workloads of a namespace that carry some labels. */
export interface TargetArgs extends InspectionRuleArgs {
  /** Name of the target, a DNS label; unique within the component and part of the names of its objects. */
  name: string;

  /** Namespace of the workloads. */
  namespace: pulumi.Input<string>;

  /**
   * Labels that the pods carry, all of them.
   *
   * @default every workload of the namespace
   */
  matchLabels?: Record<string, string>;

  /**
   * Several rules in place of the conditions of the target itself: a request that matches any of them is
   * inspected. Excludes the conditions next to it.
   *
   * @default one rule, made of the conditions of the target
   */
  rules?: InspectionRuleArgs[];
}
