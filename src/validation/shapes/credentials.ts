import type { CredentialsArgs, ExistingSecretArgs } from "../../args/credentials";
import { dnsSubdomain } from "../../kubernetes/syntax";
import { isDeferred } from "../../pulumi/inputs";
import { input, like, object, secretText, text, unshown } from "../shape";
import type { Shape } from "../shape";

const secretKeyPattern = /^[A-Za-z0-9._-]{1,253}$/;

const secretKey = text(
  (key) => (secretKeyPattern.test(key) ? undefined : "it is no key of a Secret"),
  "Use letters, digits, hyphens, underscores and dots, up to 253.",
  "accesskeyid",
);

const agentKey = input(
  secretText(agentKeyReason, "Copy the key again; its value is not shown here because it is a secret."),
);

/** Shape of the reference to a Secret that exists already. */
export const existingSecretShape = object<ExistingSecretArgs>({
  fields: {
    name: input(text(dnsSubdomain, "Give the name of a Secret in the agent's namespace.", "sigsci-keys")),
    accessKeyIdKey: secretKey,
    secretAccessKeyKey: secretKey,
  },
  required: ["name"],
});

const givenCredentials = unshown(
  object<CredentialsArgs>({
    fields: {
      site: input(text()),
      accessKeyId: agentKey,
      secretAccessKey: agentKey,
      existingSecret: existingSecretShape,
    },
    otherNames: { accessKey: "accessKeyId", secretKey: "secretAccessKey" },
    example: ["site", "accessKeyId", "secretAccessKey"],
  }),
);

/**
 * Shape of the credentials. The site's syntax matters only where a Secret is named after it. As a whole they are often an
 * output of another stack.
 */
export const credentialsShape: Shape = like(givenCredentials, (value, path) =>
  isDeferred(value)
    ? givenCredentials(value, path).map((problem) => ({ ...problem, remedy: outputsOfFields }))
    : givenCredentials(value, path),
);

const outputsOfFields =
  'Give each field as an Output: { site: "shop-prod", accessKeyId: keys.requireOutput("accessKeyId"), ' +
  'secretAccessKey: keys.requireOutput("secretAccessKey") }, or one of an object: keys.apply((all) => all.accessKeyId).';

function agentKeyReason(key: string): string | undefined {
  if (key.trim() === "") {
    return "it is empty";
  }
  if (key.trim() !== key) {
    return "it has blanks or a line break at an end, as a copied key easily has";
  }
  return /\s/.test(key) ? "it has blanks or a line break inside" : undefined;
}
