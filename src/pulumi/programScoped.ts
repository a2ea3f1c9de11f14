import * as pulumi from "@pulumi/pulumi";

const nothing = {};

/**
 * Something that the components of one running program share as far as they use the same Kubernetes provider, that
 * is, the same cluster. Several runs in one process, as in tests, do not see each other.
 */
export class ProgramScoped<T> {
  private readonly values = new WeakMap<object, Map<object, T>>();

  /** @param create - Makes what the first component of a program and provider finds. */
  constructor(private readonly create: () => T) {}

  /** What the component shares with others. */
  of(component: pulumi.ComponentResource): T {
    // One monitor is one run of one program.
    const run = pulumi.runtime.getMonitor() ?? nothing;
    const provider = component.getProvider("kubernetes:core/v1:ConfigMap") ?? nothing;
    const byProvider = this.values.get(run) ?? new Map<object, T>();
    this.values.set(run, byProvider);
    const value = byProvider.get(provider) ?? this.create();
    byProvider.set(provider, value);
    return value;
  }
}
