import { PreflightCheck } from "../../args/preflight";
import { named } from "../finding";
import type { Finding } from "../finding";
import { grants, grouped } from "../../kubernetes/rbacRules";
import type { RightsReview } from "../reviewRights";
import type { Right } from "../rights";
import type { PreflightSource } from "../../kubernetes/kubeconfigSource";

const check = PreflightCheck.Permissions;
const where = "permissions";

/**
 * What the user of the run may not do: the update would stop half way. All of it is one finding.
 *
 * @param review - What the API server says.
 * @param source - Whose rights were asked for; those of another user than Pulumi's stop nothing.
 * @param isPreview - Whether this run changes nothing: previews are often run by a user who may only read.
 */
export function permissionFindings(
  { missing, unknown }: RightsReview,
  { sameUser }: Pick<PreflightSource, "sameUser">,
  isPreview: boolean,
): Finding[] {
  const findings: Finding[] = [];
  if (missing.length > 0) {
    const may = sameUser
      ? "the user of this run may not do everything that the update needs, so it would stop half way. Not allowed are"
      : "the user of preflight's kubeconfig may not do everything that the update needs. If it runs as the same " +
        "user, it would stop half way. Not allowed are";
    findings.push({
      check,
      severity: sameUser && !isPreview ? "error" : "warning",
      where,
      message: `${may}\n${denied(missing).join("\n")}`,
      remedy: `Grant\n${grants(missing).join("\n")}\n    The complete Roles are in docs/permissions.yaml.`,
    });
  }
  if (unknown !== undefined) {
    const resources = [...new Set(unknown.rights.map(({ resource }) => resource))];
    findings.push({
      check,
      severity: "warning",
      where,
      message: `whether the user may write ${named(resources)} could not be asked: ${unknown.failure.message}.`,
      remedy: "A right that is missing would stop the update half way; run it again once it is granted.",
    });
  }
  return findings;
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
