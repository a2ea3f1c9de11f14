/**
 * Outputs of a resource that stands for an object of somebody else, be it a read or a patch: the provider stores the
 * whole live object, which may hold secrets in plain text, such as literal environment variables. As
 * `additionalSecretOutputs` they are encrypted in this stack's state; what we write ourselves stays readable, since it
 * stands in the inputs.
 */
export const outputsOfOthers = ["metadata", "spec", "status"];
