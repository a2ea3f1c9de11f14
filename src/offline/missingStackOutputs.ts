import type * as pulumi from "@pulumi/pulumi";
import { placeholderText } from "./missingConfiguration";
import type { PulumiSdk } from "./pulumiSdk";

/**
 * Gives a placeholder, a text such as `placeholder-accesskeyid`, for each output that the program reads of another stack.
 * @param used collects `<stack>: <output>` of each
 * @returns a function that takes the change back
 */
export function fillMissingStackOutputs(sdk: PulumiSdk, used: Set<string>): () => void {
  const { prototype } = sdk.pulumi.StackReference;
  // Called below with the reference that they belong to.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const { getOutput, requireOutput } = prototype;
  const placeholder = function withPlaceholder(
    this: pulumi.StackReference,
    name: pulumi.Input<string>,
  ): pulumi.Output<unknown> {
    return sdk.pulumi
      .all([name, this.name, getOutput.call(this, name)])
      .apply(([output, stack, known]: [string, string, unknown]) => {
        if (known === undefined) {
          used.add(`${stack}: ${output}`);
        }
        return known ?? placeholderText(output);
      });
  };
  Object.assign(prototype, { getOutput: placeholder, requireOutput: placeholder });
  return () => {
    Object.assign(prototype, { getOutput, requireOutput });
  };
}
