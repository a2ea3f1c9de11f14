import type { ArgumentProblem } from "./problem";
import { dnsSubdomain } from "../kubernetes/syntax";
import type { AgentArgs } from "../args/agent";
import { accessKeyIdKey, secretAccessKeyKey } from "../settings/secretReference";
import type { CredentialsArgs, ExistingSecretArgs } from "../args/credentials";
import { known } from "./known";

const keyFields = ["accessKeyId", "secretAccessKey"] as const;
// "sigsci.", a hyphen and the digest must fit beside it into 253 characters.
const longestSite = 235;
const where = "the console shows both under the site's agent keys";

/** What does not go together in the credentials, of the right types. No problem ever holds a key's value. */
export function credentialsProblems(
  credentials: CredentialsArgs | undefined,
  path: string,
): ArgumentProblem[] {
  const given = credentials ?? {};
  const keys = keyFields.filter((field) => given[field] !== undefined);
  if (given.existingSecret !== undefined) {
    return [
      ...bothFormsProblems(keys, path),
      ...sameSecretKeyProblems(given.existingSecret, `${path}.existingSecret`),
    ];
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
    ...keyFields
      .filter((field) => given[field] === undefined)
      .map((field) => ({
        path: `${path}.${field}`,
        reason: "it is missing",
        remedy: `Give it too: ${where}.`,
      })),
    ...sameKeyProblems(given, path),
  ];
}

/**
 * Refuses a salt for anonymous IP addresses beside an existing Secret: the component has no Secret of its own to keep
 * it in.
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

/** The site's syntax matters here only: the Secret is named after it. */
function siteProblems(site: CredentialsArgs["site"], path: string): ArgumentProblem[] {
  const at = `${path}.site`;
  const value = known(site);
  if (site === undefined || value === "") {
    return [
      {
        path: at,
        reason: site === undefined ? "it is missing" : "it is empty",
        remedy:
          "Give the name of the workspace (site) that the keys belong to; the Secret is named after it.",
      },
    ];
  }
  const reason = value === undefined ? undefined : siteReason(value);
  if (value === undefined || reason === undefined) {
    return [];
  }
  const suggestion = usableSite(value);
  const name = suggestion === "" ? "a lower-case name" : `"${suggestion}"`;
  return [{ path: at, value, reason, remedy: `The Secret is named after it: write ${name}.` }];
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

/** Refuses one key of an existing Secret for both halves. */
export function sameSecretKeyProblems(existing: ExistingSecretArgs, path: string): ArgumentProblem[] {
  const value = existing.secretAccessKeyKey ?? secretAccessKeyKey;
  return value === (existing.accessKeyIdKey ?? accessKeyIdKey)
    ? [
        {
          path: `${path}.secretAccessKeyKey`,
          value,
          reason: "it is the same key as accessKeyIdKey",
          remedy: "Name the key of the Secret that holds the Agent Secret Key.",
        },
      ]
    : [];
}
