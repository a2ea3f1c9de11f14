import * as pulumi from "@pulumi/pulumi";
import { MeshConfigStrategy } from "../args/mesh";
import { at, textAt, textsAt } from "../kubernetes/liveObject";
import type { MeshRead } from "./context";
import { readLenient } from "./text/lenientText";
import type { MeshConfig } from "./text/lenientText";

/** Istio's built-in file log. */
const builtIn = "envoy";

/**
 * The access logs that a mesh writes where no Telemetry says otherwise. `accessLogFile` is the built-in provider `envoy`
 * under another name.
 */
export function accessLogsOf(config: MeshConfig): string[] {
  const named = textsAt(config, "defaultProviders", "accessLogging");
  const file = textAt(config, "accessLogFile") ?? "";
  return named.length > 0 || file === "" ? named : [builtIn];
}

/**
 * The logs of a mesh that no Telemetry can keep, as it names providers only: another file than that of the provider
 * `envoy`, and the log service of the proxies. Source: Istio, `setListenerAccessLog` in
 * pilot/pkg/networking/core/accesslog.go.
 */
export function logsWithoutProvider(config: MeshConfig): string[] {
  if (textsAt(config, "defaultProviders", "accessLogging").length > 0) {
    return [];
  }
  const file = textAt(config, "accessLogFile") ?? "";
  return [
    ...(["", "/dev/stdout"].includes(file) ? [] : [`accessLogFile: ${file}`]),
    ...(at(config, "enableEnvoyAccessLogService") === true ? ["enableEnvoyAccessLogService: true"] : []),
  ];
}

/**
 * The access logs of others that targets keep: those that are given, else those that the mesh writes. Of several meshes
 * the logs of each, as losing one is worse than another one more.
 *
 * @param meshes - What was read. With strategy Shared that is not where istiod's own configuration stands, so the
 * built-in log is kept.
 */
export function keptAccessLogs(
  given: readonly string[] | undefined,
  strategy: MeshConfigStrategy,
  meshes: readonly MeshRead[],
): pulumi.Input<readonly string[]> {
  if (given !== undefined || strategy === MeshConfigStrategy.Shared) {
    return given ?? [builtIn];
  }
  return pulumi
    .all(meshes.map(({ text }) => text))
    .apply((texts) => [...new Set(texts.flatMap((text) => accessLogsOf(readLenient(text) ?? {})))]);
}
