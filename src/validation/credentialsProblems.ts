import type * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "./problem";
import { dnsSubdomain } from "../kubernetes/syntax";
import type { AgentArgs } from "../args/agent";
import { accessKeyIdKey, secretAccessKeyKey } from "../settings/secretReference";
import type { CredentialsArgs, ExistingSecretArgs } from "../args/credentials";
import { known, leafProblems } from "./known";

const keyFields = ["accessKeyId", "secretAccessKey"] as const;
const secretKeyPattern = /^[A-Za-z0-9._-]{1,253}$/;
// "sigsci.", a hyphen and the digest must fit beside it into 253 characters.
const longestSite = 235;
const where = "the console shows both under the site's agent keys";

/**
 * Everything that is wrong with the credentials; leaves that are known only later are skipped. No problem ever
 * holds a key's value.
 *
 * @param credentials - The credentials as given.
 * @param path - Where they stand, for example `credentials`.
 */
export function credentialsProblems(
  credentials: CredentialsArgs | undefined,
  path: string,
): ArgumentProblem[] {
  const given = credentials ?? {};
  const keys = keyFields.filter((field) => given[field] !== undefined);
  if (given.existingSecret !== undefined) {
    return [...bothFormsProblems(keys, path), ...existingSecretProblems(given.existingSecret, path)];
  }
  if (keys.length === 0) {
    return [
      {
        path,
        reason: "the agent does not start without keys, and neither keys nor a Secret are given",
        remedy: `Give site, accessKeyId and secretAccessKey (${where}), or existingSecret.`,
      },
    ];
  }
  return [
    ...siteProblems(given.site, path),
    ...keyFields.flatMap((field) => keyProblems(given[field], `${path}.${field}`)),
    ...sameKeyProblems(given, path),
  ];
}

/**
 * Refuses a salt for anonymous IP addresses beside an existing Secret: the component has no Secret of its own
 * to keep it in.
 *
 * @param credentials - The credentials as given.
 * @param agent - The agent's arguments.
 * @param path - Where the agent's arguments stand, for example `agent`.
 */
export function anonymousIpSecretKeyProblems(
  credentials: CredentialsArgs | undefined,
  agent: AgentArgs | undefined,
  path: string,
): ArgumentProblem[] {
  if (credentials?.existingSecret === undefined || agent?.options?.anonymousIpSecretKey === undefined) {
    return [];
  }
  return [
    {
      path: `${path}.options.anonymousIpSecretKey`,
      reason: "with credentials.existingSecret there is no Secret of the component's own to keep it in",
      remedy: `Put it into a Secret and name that in ${path}.env: SIGSCI_ANONYMOUS_IP_SECRET_KEY with valueFrom.`,
    },
  ];
}

function bothFormsProblems(keys: readonly string[], path: string): ArgumentProblem[] {
  if (keys.length === 0) {
    return [];
  }
  return [
    {
      path: `${path}.existingSecret`,
      reason: `${keys.join(" and ")} ${keys.length === 1 ? "is" : "are"} given too, and only one of the forms can hold`,
      remedy: "Keep the two keys, or keep existingSecret.",
    },
  ];
}

function siteProblems(site: pulumi.Input<string> | undefined, path: string): ArgumentProblem[] {
  const at = `${path}.site`;
  if (site === undefined || known(site) === "") {
    return [
      {
        path: at,
        reason: site === undefined ? "it is missing" : "it is empty",
        remedy:
          "Give the name of the workspace (site) that the keys belong to; the Secret is named after it.",
      },
    ];
  }
  const suggestion = usableSite(known(site) ?? "");
  const remedy = `The Secret is named after it: write ${suggestion === "" ? "a lower-case name" : `"${suggestion}"`}.`;
  return leafProblems(at, site, siteReason, remedy);
}

function siteReason(site: string): string | undefined {
  return site.length > longestSite
    ? `it has ${site.length} characters, ${longestSite} are allowed`
    : dnsSubdomain(site);
}

/** The site in the characters that a Secret's name may have. */
function usableSite(site: string): string {
  return site
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/-*\.[.-]*/g, ".")
    .slice(0, longestSite)
    .replaceAll(/^[.-]+|[.-]+$/g, "");
}

function keyProblems(key: pulumi.Input<string> | undefined, path: string): ArgumentProblem[] {
  if (key === undefined) {
    return [{ path, reason: "it is missing", remedy: `Give it too: ${where}.` }];
  }
  const reason = keyReason(known(key));
  return reason === undefined
    ? []
    : [{ path, reason, remedy: "Copy the key again; its value is not shown here because it is a secret." }];
}

function keyReason(key: string | undefined): string | undefined {
  if (key === undefined) {
    return undefined;
  }
  if (key.trim() === "") {
    return "it is empty";
  }
  if (key.trim() !== key) {
    return "it has blanks or a line break at an end, as a copied key easily has";
  }
  return /\s/.test(key) ? "it has blanks or a line break inside" : undefined;
}

function sameKeyProblems(given: CredentialsArgs, path: string): ArgumentProblem[] {
  const id = known(given.accessKeyId);
  if (!id || id !== known(given.secretAccessKey)) {
    return [];
  }
  return [
    {
      path: `${path}.secretAccessKey`,
      reason: "it is the same as accessKeyId",
      remedy: `Give the Agent Secret Key here: ${where}.`,
    },
  ];
}

function existingSecretProblems(existing: ExistingSecretArgs, path: string): ArgumentProblem[] {
  const at = `${path}.existingSecret`;
  const idKey = existing.accessKeyIdKey ?? accessKeyIdKey;
  const secretKey = existing.secretAccessKeyKey ?? secretAccessKeyKey;
  const sameKeys = {
    path: `${at}.secretAccessKeyKey`,
    value: secretKey,
    reason: "it is the same key as accessKeyIdKey",
    remedy: "Name the key of the Secret that holds the Agent Secret Key.",
  };
  return [
    ...existingNameProblems(existing.name, `${at}.name`),
    ...secretKeyProblems(existing.accessKeyIdKey, `${at}.accessKeyIdKey`),
    ...secretKeyProblems(existing.secretAccessKeyKey, `${at}.secretAccessKeyKey`),
    ...(idKey === secretKey ? [sameKeys] : []),
  ];
}

function existingNameProblems(name: pulumi.Input<string> | undefined, path: string): ArgumentProblem[] {
  const remedy = "Give the name of a Secret in the agent's namespace.";
  return name === undefined
    ? [{ path, reason: "it is missing", remedy }]
    : leafProblems(path, name, dnsSubdomain, remedy);
}

function secretKeyProblems(key: string | undefined, path: string): ArgumentProblem[] {
  return leafProblems(
    path,
    key,
    (plain) => (secretKeyPattern.test(plain) ? undefined : "it is no key of a Secret"),
    "Use letters, digits, hyphens, underscores and dots, up to 253.",
  );
}
