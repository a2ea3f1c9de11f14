import * as pulumi from "@pulumi/pulumi";

/**
 * The value of an Input once it is known.
 *
 * @param input - Plain data or an Output, possibly with deferred leaves.
 */
export function resolved<T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(input).apply((value) => {
      resolve(value);
    });
  });
}
