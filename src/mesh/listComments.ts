/**
 * The two comments that an edit leaves on the line of `extensionProviders`: our memory inside the text. They say
 * what to restore when the last entry is removed.
 */
export const listComments = {
  /** The key was not there. */
  added: " # list added by sigsci-istio",
  /** The key had an explicit null, which follows the comment. */
  replacedNull: "# sigsci-istio replaced: ",
} as const;
