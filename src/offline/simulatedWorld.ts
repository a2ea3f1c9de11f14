import type { Properties } from "./recordedResource";
import type { SimulatedWorld } from "./recordingMonitor";
import { simulateCreate } from "./simulatedProviders";
import type { WireProperties } from "./wireValue";

/** What there is beside the program. Everything has a default. */
export interface WorldOptions {
  /** default false: everything is known. With true, ids and random results are unknown, as in a first preview. */
  readonly preview?: boolean;
  /**
   * Answers `X.get`: the live object, or undefined if there is none but for `created`, which the program itself has
   * made. Default: there is none.
   */
  readonly reads?: (type: string, id: string, created?: object) => object | undefined;
  /** Answers provider functions (`invoke`); undefined if unknown, which gives an empty result and is recorded. */
  readonly calls?: (token: string, inputs: Properties) => object | undefined;
}

/**
 * What providers answer without a cluster: created objects as their providers would give them, reads from what was
 * created and from `reads`.
 * @param unansweredCalls collects the tokens of provider functions that get an empty answer
 */
export function simulateWorld(options: WorldOptions, unansweredCalls: Set<string>): SimulatedWorld {
  const created = new Map<string, object>();
  return {
    create: (request) => {
      const answer = simulateCreate({ ...request, preview: options.preview ?? false });
      if (answer.id !== undefined) {
        created.set(`${request.type} ${answer.id}`, answer.state);
      }
      return answer;
    },
    read: (type, id) => {
      const own = created.get(`${type} ${id}`);
      const found = options.reads?.(type, id, own) ?? own;
      if (found === undefined) {
        // The provider's own words, and what they mean where no cluster is.
        throw new Error(
          `resource '${id}' does not exist: give its manifest with --workloads, or in a unit test with objects`,
        );
      }
      // Through JSON: the protocol has no undefined, and the program must not share objects with the answer.
      return JSON.parse(JSON.stringify(found)) as WireProperties;
    },
    invoke: (token, inputs) => {
      const found = options.calls?.(token, inputs);
      if (found === undefined) {
        unansweredCalls.add(token);
      }
      return { ...found };
    },
  };
}
