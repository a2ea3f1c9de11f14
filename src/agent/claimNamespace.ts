import * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../pulumi/inputs";
import { ProgramScoped } from "../pulumi/programScoped";
import { ComponentRefusal } from "../pulumi/refusal";

const creators = new ProgramScoped<Map<string, string>>(() => new Map());

/**
 * Refuses that two components of one program create the same namespace: the second would fail, or take it over.
 *
 * @param name - Logical name of the component.
 * @returns rejects when the namespace, known only later, is one that another component creates.
 * @throws ComponentRefusal naming both components.
 */
export function claimNamespace(
  component: pulumi.ComponentResource,
  name: string,
  namespace: pulumi.Input<string>,
): pulumi.Output<boolean> {
  const taken = creators.of(component);
  const claimed = whenKnown(namespace, (known) => {
    const other = taken.get(known) ?? name;
    if (other !== name) {
      throw new ComponentRefusal(
        `SigsciIstioIntegration "${name}": namespace "${known}" is created by "${other}" already.\n` +
          `    Write namespace: "${known}-${name}", or createNamespace: false and, in the options, dependsOn with ` +
          `the component "${other}". If "${name}" has created it in an earlier run, first take it out of the state ` +
          "with `pulumi state delete`: otherwise the next `pulumi up` deletes the namespace.",
        component,
      );
    }
    taken.set(known, name);
    return true;
  });
  return pulumi.output(claimed);
}
