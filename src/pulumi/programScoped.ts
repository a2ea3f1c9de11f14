import * as pulumi from "@pulumi/pulumi";
import { isComponentHost } from "./componentHost";

const nothing = {};
const runsByAddress = new Map<string, object>();

/**
 * Something that the components of one running program share as far as they use the same Kubernetes provider, that
 * is, the same cluster. Several runs in one process, as in tests, do not see each other.
 */
export class ProgramScoped<T> {
  private readonly values = new WeakMap<object, Map<unknown, T>>();

  /** @param create - Makes what the first component of a program and provider finds. */
  constructor(private readonly create: () => T) {}

  /** What the component shares with others. */
  of(component: pulumi.ComponentResource): T {
    const run = currentRun();
    const provider = providerKey(component.getProvider("kubernetes:core/v1:ConfigMap"));
    const byProvider = this.values.get(run) ?? new Map<unknown, T>();
    this.values.set(run, byProvider);
    const value = byProvider.get(provider) ?? this.create();
    byProvider.set(provider, value);
    return value;
  }
}

/**
 * One monitor is one run of one program. The component provider host makes a client for it with each component of a
 * program in another language; what these have in common is its address, and the host ends with the run.
 */
function currentRun(): object {
  const monitor = pulumi.runtime.getMonitor() ?? nothing;
  const address = isComponentHost() ? addressOf(monitor) : undefined;
  if (address === undefined) {
    return monitor;
  }
  const run = runsByAddress.get(address) ?? {};
  runsByAddress.set(address, run);
  return run;
}

function addressOf(monitor: object): string | undefined {
  // A gRPC client, as `runsUnderEngine` says; its types are not the SDK's.
  const { getChannel } = monitor as { getChannel?: () => { getTarget(): string } };
  return getChannel?.call(monitor).getTarget();
}

/** The host makes an object for the provider with each component, too. */
function providerKey(provider: pulumi.ProviderResource | undefined): unknown {
  return provider === undefined || !isComponentHost() ? provider : (nameOfProvider(provider) ?? provider);
}

/** Logical name of an explicit provider: the SDK keeps it, but does not declare it. */
export function nameOfProvider(provider: pulumi.ProviderResource): string | undefined {
  const name: unknown = Reflect.get(provider, "__name");
  return typeof name === "string" ? name : undefined;
}
