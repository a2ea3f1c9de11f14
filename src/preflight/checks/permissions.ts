import { PreflightCheck } from "../../args/preflight";
import type { Check } from "../check";
import type { ClusterFacts } from "../clusterFacts";
import { named } from "../finding";
import type { Found } from "../finding";
import { grants, grouped } from "../../kubernetes/rbacRules";
import type { Right } from "../rights";

const where = "permissions";

/** Without a right the update would stop half way. All that is missing is one finding. */
export const permissions: Check = {
  check: PreflightCheck.Permissions,
  title: "The user of this run may write what the update writes.",
  needs: ["rights"],
  docs: "permissions",
  find,
};

function find({ rights }: ClusterFacts): Found[] {
  if (rights === undefined) {
    return [];
  }
  const { missing, unknown, sameUser, isPreview } = rights;
  const found: Found[] = [];
  if (missing.length > 0) {
    const may = sameUser
      ? "the user of this run may not do everything that the update needs, so it would stop half way. Not allowed are"
      : "the user of preflight's kubeconfig may not do everything that the update needs. If it runs as the same " +
        "user, it would stop half way. Not allowed are";
    found.push({
      severity: sameUser && !isPreview ? "error" : "warning",
      where,
      message: `${may}\n${denied(missing).join("\n")}`,
      remedy: `Grant\n${grants(missing).join("\n")}\n    The complete Roles are in docs/permissions.yaml.`,
    });
  }
  if (unknown !== undefined) {
    const resources = [...new Set(unknown.rights.map(({ resource }) => resource))];
    found.push({
      severity: "warning",
      where,
      message: `whether the user may write ${named(resources)} could not be asked: ${unknown.failure.message}.`,
      remedy: "A right that is missing would stop the update half way; run it again once it is granted.",
    });
  }
  return found;
}

/** One line for each verb and resource. */
function denied(rights: readonly Right[]): string[] {
  const lines = grouped(rights, ({ verb, group, resource, name, byName }) => [
    `${verb} ${group === "" ? resource : `${resource}.${group}`}`,
    byName ? name : undefined,
  ]);
  return lines.map(([[what, name], group]) => {
    const places = [...new Set(group.map(({ namespace }) => namespace))];
    const namespaces = places.filter((place) => place !== undefined);
    const only = name === undefined ? "" : ` ${name}`;
    return `      ${what ?? ""}${only} in ${namespaces.length === 0 ? "the cluster" : named(namespaces)}`;
  });
}
