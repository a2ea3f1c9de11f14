import { DiffResponse } from "@pulumi/pulumi/proto/provider_pb";
import { isObject, isUnknown, type Json, type JsonObject } from "../values";
import { activeCluster, loadKubeconfig } from "./kubeconfig";

const CLUSTER_KEYS = ["kubeconfig", "context", "cluster"] as const;
const CLUSTER_IDENTIFIER = "clusterIdentifier";

/**
 * Decides whether changed provider settings replace the provider and with it all its resources: when the active
 * cluster changes or is not known yet; with `clusterIdentifier`, only when that changes.
 */
export function diffConfig(olds: JsonObject, news: JsonObject): DiffResponse {
  const response = new DiffResponse();
  const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
  );
  if (changed.length === 0) {
    response.setChanges(DiffResponse.DiffChanges.DIFF_NONE);
    return response;
  }
  response.setChanges(DiffResponse.DiffChanges.DIFF_SOME);
  response.setDiffsList(changed);
  response.setReplacesList(replacing(olds, news, changed));
  return response;
}

function replacing(olds: JsonObject, news: JsonObject, changed: readonly string[]): string[] {
  const identifier: Json | undefined = news[CLUSTER_IDENTIFIER];
  if (identifier !== undefined && identifier === olds[CLUSTER_IDENTIFIER]) {
    return [];
  }
  const bothNamed = identifier !== undefined && olds[CLUSTER_IDENTIFIER] !== undefined;
  const result = bothNamed ? [CLUSTER_IDENTIFIER] : [];
  const unknown = CLUSTER_KEYS.find((key) => isUnknown(news[key]));
  if (unknown !== undefined) {
    return [...result, unknown];
  }
  if (changed.includes("renderYamlToDirectory")) {
    result.push("renderYamlToDirectory");
  }
  const [before, after] = [clusterOf(olds), clusterOf(news)];
  if (before === undefined || after === undefined || before === after) {
    return result;
  }
  return [...result, ...CLUSTER_KEYS.filter((key) => changed.includes(key))];
}

/** The active cluster that provider inputs lead to, as comparable text; undefined when it cannot be told. */
function clusterOf(inputs: JsonObject): string | undefined {
  const { kubeconfig, context, cluster } = inputs;
  if (kubeconfig === undefined || kubeconfig === "") {
    return undefined;
  }
  const config = isObject(kubeconfig) ? kubeconfig : loadKubeconfig(textOf(kubeconfig));
  const found = activeCluster(config, { context: textOf(context), cluster: textOf(cluster) });
  return found === undefined ? undefined : JSON.stringify(found);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
