import * as pulumi from "@pulumi/pulumi";
import { simulateWorld } from "../offline/simulatedWorld";
import { WIRE_UNKNOWN } from "../offline/wireValue";
import { objectsIn } from "../render/clusterObjects";
import { sampleMesh } from "../render/meshSource";
import { simulateCluster } from "../render/simulatedCluster";

/** The cluster that {@link sigsciIstioMocks} answers from. */
export interface SigsciIstioMocksArgs {
  /**
   * Objects that are there before the program runs, as manifests: a mesh ConfigMap with entries of others, a Deployment
   * that `targets[].workload` names. One without a namespace is in `default`.
   *
   * @default none but the mesh ConfigMap `istio` of a plain installation of Istio, in whichever namespace it is read
   */
  objects?: readonly object[];
}

/** Mocks of which both functions answer at once. */
export interface SigsciIstioMocks extends pulumi.runtime.Mocks {
  /** Answers the creation of any resource with its inputs, and reads from the objects given and created. */
  newResource(args: pulumi.runtime.MockResourceArgs): {
    id: string | undefined;
    state: Record<string, unknown>;
  };
  /** Answers provider functions with nothing, but for those that read YAML. */
  call(args: pulumi.runtime.MockCallArgs): Record<string, unknown>;
}

/**
 * Mocks for unit tests of a program with a `SigsciIstioIntegration`. They give what it needs of its providers: a random
 * id, names of objects, the mesh ConfigMap. Both functions work on their own, so that your mocks can hand over what they
 * do not answer themselves.
 *
 * @example
 * ```ts
 * await pulumi.runtime.setMocks(sigsciIstioMocks());
 * ```
 *
 * @param args - The cluster before the program runs.
 * @see [Unit testing Pulumi programs](https://www.pulumi.com/docs/iac/guides/testing/unit/)
 */
export function sigsciIstioMocks(args: SigsciIstioMocksArgs = {}): SigsciIstioMocks {
  const cluster = simulateCluster(sampleMesh(), objectsIn(args.objects ?? [], "objects"), "default");
  const isPreview = { get: () => pulumi.runtime.isDryRun(), enumerable: true };
  const world = simulateWorld(Object.defineProperty({ ...cluster }, "preview", isPreview), new Set());
  return {
    newResource: ({ type, name, inputs, id, custom }) => {
      if (id === undefined || id === "") {
        return world.create({ type, name, inputs: recordOf(inputs), custom: custom ?? true });
      }
      // In a preview that creates what is to be read, the engine reads nothing.
      return id === WIRE_UNKNOWN ? { id: undefined, state: {} } : { id, state: world.read(type, id) };
    },
    call: ({ token, inputs }) => recordOf(world.invoke(token, recordOf(inputs))),
  };
}

/** The SDK types what mocks are given as any; it is always an object. */
function recordOf(properties: unknown): Record<string, unknown> {
  return { ...(properties as object) };
}
