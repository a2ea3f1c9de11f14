import { inboundListener, type Rig } from "../rig";
import type { Integration } from "../scenario";
import type { Variant } from "./variants";

/** Puts one variant in the place of another, as fast as istiod allows. */
export class Exchange {
  private current: Integration | undefined;

  private constructor(
    private readonly rig: Rig,
    private readonly integrations: ReadonlyMap<Variant, Integration | undefined>,
  ) {}

  /** Writes the providers of all variants, so that an exchange is one change of objects. */
  static async of(rig: Rig, variants: readonly Variant[]): Promise<Exchange> {
    const integrations = new Map<Variant, Integration | undefined>();
    for (const variant of variants) {
      integrations.set(variant, await variant.integration());
    }
    const all = [...integrations.values()].filter((one) => one !== undefined);
    for (const { service } of all) {
      await rig.put(service);
    }
    await rig.setProviders(all.flatMap(({ providers }) => providers));
    return new Exchange(rig, integrations);
  }

  /** Envoy's name of the agent now; undefined when there is none. */
  get cluster(): string | undefined {
    return this.current?.cluster;
  }

  /** Makes a variant the active one. */
  async to(variant: Variant): Promise<void> {
    await this.replace(this.integrations.get(variant));
  }

  /** Takes everything out again. */
  async end(): Promise<void> {
    await this.replace(undefined);
    await this.rig.setProviders([]);
  }

  private async replace(next: Integration | undefined): Promise<void> {
    const before = this.current;
    if (before === next) {
      return;
    }
    // Envoy refuses clusters of which two have the same name, so these two cannot be there at the same time.
    if (next !== undefined && next.cluster === before?.cluster) {
      await this.replace(undefined);
    }
    await this.rig.put(next?.objects ?? []);
    await this.rig.take(this.current?.objects ?? []);
    const [wanted, gone] = [next?.marks ?? [], this.current?.marks ?? []];
    await this.rig.envoy.untilListener(
      inboundListener,
      `has ${wanted.join(" and ")}`,
      (configuration) =>
        wanted.every((mark) => configuration.includes(mark)) &&
        gone.every((mark) => wanted.includes(mark) || !configuration.includes(mark)),
    );
    if (next !== undefined) {
      await this.rig.envoy.untilHealthy(next.cluster);
    }
    this.current = next;
  }
}
