import { posix } from "node:path";
import type {
  AgentArgs,
  NetworkPolicyArgs,
  ShutdownArgs,
  StartupProbeArgs,
  TemporaryVolumeArgs,
} from "../../args/agent";
import { cidrBlock } from "../../kubernetes/cidr";
import { byteQuantity } from "../../kubernetes/quantity";
import { dnsLabel, port, rfc1035Label } from "../../kubernetes/syntax";
import { defaultStartupProbe } from "../../settings/agentDefaults";
import { resourceProblems } from "../resourceProblems";
import { checked, filled, flag, input, like, list, number, object, text, unshown } from "../shape";
import type { Shape } from "../shape";
import { extraOptionsShape, optionsShape, variableShape } from "./environment";
import { autoscalingShape, replicasShape } from "./autoscaling";
import { imageShape } from "./image";
import { resourcesShape } from "./kubernetes";
import { podFields } from "./pod";

const firstUnprivilegedPort = 1024;
// A volume mounted over one of these hides what the container needs to run.
const neededDirectories = ["/", "/bin", "/dev", "/etc", "/lib", "/proc", "/sbin", "/sigsci", "/sys", "/usr"];

const listener = number(agentPort, "Use a port from 1024 to 65535.", 9999);
const probePort = number(agentPort, "Use a port from 1024 to 65535.", defaultStartupProbe.port);
const positive = number(wholeNumberFrom(1), "Use a whole number, 1 or more.");

/** Shape of the name of the agent's objects; the default, which follows the component's name, must have it too. */
export const agentName = text(
  rfc1035Label,
  (_, path) => `Set ${path} to a name for a Service, such as "waf-agent".`,
  "waf-agent",
);

const probe = object<StartupProbeArgs>({
  fields: { enabled: flag, port: probePort, periodSeconds: positive, failureThreshold: positive },
});

/** A probe that is off may have anything of the right type. */
const startupProbe: Shape = like(probe, (value, path) => {
  const problems = probe(value, path);
  // The shape is asked first, and a field of something else is undefined.
  const isOff = (value as StartupProbeArgs | null)?.enabled === false;
  return isOff ? problems.filter(({ wrongType }) => wrongType) : problems;
});

const temporaryVolume = object<TemporaryVolumeArgs>({
  fields: {
    mountPath: text(mountPath, 'Use a path such as "/sigsci/tmp".', "/sigsci/tmp"),
    sizeLimit: input(text(sizeLimit, 'Write bytes such as "256Mi" or "1Gi".', "256Mi")),
  },
});

const shutdown = object<ShutdownArgs>({
  fields: {
    preStopSleepSeconds: number(wholeNumberFrom(0), "Use a whole number of seconds, 0 for no sleep.", 30),
    terminationGracePeriodSeconds: number(wholeNumberFrom(1), (_, path) => graceRemedy(path), 45),
  },
});

const networkPolicy = object<NetworkPolicyArgs>({
  fields: {
    fromNamespaces: filled(
      list(input(text(dnsLabel, "Give the name of a namespace.", "shop"))),
      "no pod could reach the agent",
      "Name at least one, or leave it out for every namespace.",
    ),
    toCidrs: filled(
      list(
        text(
          cidrBlock,
          'Write an address and a prefix length, for example "203.0.113.0/24" or "2001:db8::/32".',
          "203.0.113.0/24",
        ),
      ),
      "Kubernetes reads an empty list as every address",
      "Name at least one, or leave it out for every address.",
    ),
  },
});

/** Shape of the agent's arguments. */
export const agentShape = object<AgentArgs>({
  fields: {
    name: agentName,
    image: imageShape,
    port: listener,
    replicas: replicasShape,
    autoscaling: autoscalingShape,
    expectResponseData: flag,
    options: optionsShape,
    extraOptions: unshown(extraOptionsShape),
    env: unshown(list(input(variableShape))),
    resources: input(checked(resourcesShape, resourceProblems)),
    temporaryVolume,
    startupProbe,
    shutdown,
    networkPolicy,
    ...podFields,
  },
  example: ["image"],
});

/** What to do about a grace period; `path` is its own. */
export function graceRemedy(path: string): string {
  const sleep = path.replace(/[^.]+$/, "preStopSleepSeconds");
  return `Use a whole number of seconds above ${sleep}.`;
}

/** Why a port is none that a container of the agent's pods can listen on. */
export function agentPort(value: number): string | undefined {
  const reason = "ports below 1024 need a capability, and the agent's container drops all of them";
  return port(value) ?? (value < firstUnprivilegedPort ? reason : undefined);
}

function mountPath(path: string): string | undefined {
  if (!path.startsWith("/")) {
    return "it is not absolute";
  }
  if (neededDirectories.includes(path)) {
    return "a volume there would hide the agent or its system";
  }
  if (path.includes(":")) {
    return "a mount path has no colon";
  }
  const isClean = posix.normalize(path) === path && !path.endsWith("/");
  return isClean ? undefined : "it has a slash at its end, a double slash, or a part . or ..";
}

function sizeLimit(size: string): string | undefined {
  return byteQuantity(size) ?? (/[1-9]/.test(size) ? undefined : "the agent needs room to write");
}

function wholeNumberFrom(least: number): (value: number) => string | undefined {
  return (value) =>
    Number.isInteger(value) && value >= least ? undefined : `it is no whole number from ${least} on`;
}
