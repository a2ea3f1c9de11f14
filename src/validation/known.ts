import type * as pulumi from "@pulumi/pulumi";
import { isDeferred } from "../pulumi/inputs";

/** The value when it is plain, undefined when it is missing or known only later. */
export function known<T>(value: pulumi.Input<T> | undefined): T | undefined {
  return isDeferred(value) ? undefined : value;
}
