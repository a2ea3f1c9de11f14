import { annotationsOf, listAt, numberAt, textAt, type LiveObject } from "./liveObject";

const includeKey = "traffic.sidecar.istio.io/includeInboundPorts";
const excludeKey = "traffic.sidecar.istio.io/excludeInboundPorts";

/** Which requests to a pod the rules in it lead to its sidecar: `text` is for example `except port 9090`. */
export interface InboundCapture {
  readonly coverage: "all" | "some" | "none";
  readonly text: string;
}

/**
 * Reads the annotations of a pod or pod template that keep ports from its sidecar. Exclusions count only where all ports
 * are included. Source: Istio, tools/istio-iptables/pkg/capture/run.go, `handleInboundPortsInclude`.
 *
 * @param proxy - Name of the container of the sidecar, whose own ports do not count.
 */
export function inboundCapture(pod: LiveObject, proxy: string): InboundCapture {
  const annotations = annotationsOf(pod);
  const ports = containerPorts(pod, proxy);
  const included = annotations[includeKey];
  if (included !== undefined && included.trim() !== "*") {
    const listed = portsIn(included);
    const misses = ports.length > 0 && !ports.some((port) => listed.includes(port));
    return listed.length === 0 || misses
      ? { coverage: "none", text: `${includeKey} leaves out its ports` }
      : { coverage: "some", text: `only port ${listed.join(" ")}` };
  }
  const listed = portsIn(annotations[excludeKey] ?? "");
  if (listed.length === 0) {
    return { coverage: "all", text: "" };
  }
  return ports.length > 0 && ports.every((port) => listed.includes(port))
    ? { coverage: "none", text: `${excludeKey} names all its ports` }
    : { coverage: "some", text: `except port ${listed.join(" ")}` };
}

function portsIn(list: string): string[] {
  return list
    .split(",")
    .map((port) => port.trim())
    .filter((port) => port !== "");
}

/** The ports that a pod declares, which it need not. */
function containerPorts(pod: LiveObject, proxy: string): string[] {
  return [...listAt(pod, "spec", "containers"), ...listAt(pod, "spec", "initContainers")]
    .filter((container) => textAt(container, "name") !== proxy)
    .flatMap((container) => listAt(container, "ports"))
    .filter((port) => (textAt(port, "protocol") ?? "TCP") === "TCP")
    .flatMap((port) => numberAt(port, "containerPort") ?? [])
    .map(String);
}
