import * as http from "node:http";
import * as https from "node:https";
import type { Cluster } from "@kubernetes/client-node";
import { RequestFailure } from "./requestFailure";

/** Where the API server of a kubeconfig is. What the library would refuse without saying why is refused here. */
export function serverOf(cluster: Cluster | null): URL {
  const server = urlOf(cluster?.server);
  if (server === undefined || !["http:", "https:"].includes(server.protocol)) {
    throw new RequestFailure(
      "unreachable",
      "the server in the kubeconfig is no URL that starts with https://",
    );
  }
  if (cluster?.proxyUrl !== undefined) {
    if (urlOf(cluster.proxyUrl) === undefined) {
      throw new RequestFailure("unreachable", "the proxy-url in the kubeconfig is no URL");
    }
  } else if (server.protocol === "http:" && cluster?.skipTLSVerify !== true) {
    throw new RequestFailure(
      "unreachable",
      "the server in the kubeconfig starts with http://, which is used only with `insecure-skip-tls-verify: true`",
    );
  }
  return server;
}

function urlOf(text = ""): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** An API server may stand below a path, as behind a gateway. */
export function pathOf({ pathname }: URL): string {
  return pathname.replace(/\/$/, "");
}

/** What speaks to it. */
export function transportOf({ protocol }: URL): typeof http | typeof https {
  return protocol === "http:" ? http : https;
}
