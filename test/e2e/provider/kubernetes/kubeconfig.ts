import { existsSync, readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "yaml";
import { isObject, type Json, type JsonObject } from "../values";
import { at, stringAt } from "./objects";

/** What a kubeconfig says about the active context. */
export interface Connection {
  readonly server: string;
  /** Namespace of the context, "default" when it names none. */
  readonly namespace: string;
  /** Certificates for TLS. */
  readonly tls: AgentOptions;
  /** Bearer token, "" when the credentials are a certificate. */
  readonly token: string;
}

/** Choices that override the kubeconfig's own; "" leaves them to it. */
export interface Overrides {
  readonly context: string;
  readonly cluster: string;
}

/**
 * Loads a kubeconfig: the text itself, or the path of a file (a leading `~` stands for the home folder), or, when
 * empty, the first file of `KUBECONFIG`, else `~/.kube/config`.
 *
 * Written by hand because the stand-in is started for every operation of the engine, and loading the Kubernetes
 * client library takes half a second each time.
 * @throws Error when the text is not a kubeconfig or there is no such file
 */
export function loadKubeconfig(pathOrText: string): JsonObject {
  const [named = ""] = (process.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const given = pathOrText || named || join(homedir(), ".kube", "config");
  const path = given.startsWith("~/") ? join(homedir(), given.slice(2)) : given;
  const isFile = !given.includes("\n") && existsSync(path);
  const config: unknown = parse(isFile ? readFileSync(path, "utf8") : given);
  if (!isObject(config)) {
    throw new Error("the kubeconfig holds no configuration");
  }
  return config;
}

/** The entry of the active cluster (address and certificate), or undefined when there is none. */
export function activeCluster(config: JsonObject, overrides: Overrides): Json | undefined {
  const context = entry(config, "contexts", "context", activeContext(config, overrides));
  return entry(config, "clusters", "cluster", overrides.cluster || stringAt(context, "cluster"));
}

/**
 * Server and credentials of the active context.
 * @throws Error when the context is incomplete or its credentials come from a helper program
 */
export function connectionOf(config: JsonObject, overrides: Overrides): Connection {
  const context = entry(config, "contexts", "context", activeContext(config, overrides));
  const cluster = activeCluster(config, overrides);
  const server = stringAt(cluster, "server");
  if (server === "") {
    throw new Error("the kubeconfig's active context names no server");
  }
  const user = entry(config, "users", "user", stringAt(context, "user"));
  if (at(user, "exec") !== undefined || at(user, "auth-provider") !== undefined) {
    throw new Error("the stand-in for the Kubernetes provider does not run credential helpers");
  }
  const serverName = stringAt(cluster, "tls-server-name");
  return {
    server,
    namespace: stringAt(context, "namespace") || "default",
    token: stringAt(user, "token") || fileText(stringAt(user, "tokenFile")).trim(),
    tls: {
      ca: dataOrFile(cluster, "certificate-authority"),
      cert: dataOrFile(user, "client-certificate"),
      key: dataOrFile(user, "client-key"),
      rejectUnauthorized: at(cluster, "insecure-skip-tls-verify") !== true,
      ...(serverName === "" ? {} : { servername: serverName }),
    },
  };
}

function activeContext(config: JsonObject, overrides: Overrides): string {
  return overrides.context || stringAt(config, "current-context");
}

function entry(config: JsonObject, list: string, member: string, name: string): Json | undefined {
  const entries = config[list];
  const found = Array.isArray(entries) ? entries.find((item) => stringAt(item, "name") === name) : undefined;
  return at(found, member);
}

function dataOrFile(holder: Json | undefined, key: string): string | undefined {
  const data = stringAt(holder, `${key}-data`);
  const text = data === "" ? fileText(stringAt(holder, key)) : Buffer.from(data, "base64").toString("utf8");
  return text === "" ? undefined : text;
}

function fileText(path: string): string {
  return path === "" ? "" : readFileSync(path, "utf8");
}
