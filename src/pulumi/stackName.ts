import * as pulumi from "@pulumi/pulumi";

/** The running stack as marks in the cluster name it: `<project>/<stack>`. */
export function stackName(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}
