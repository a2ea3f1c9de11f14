import { join } from "node:path";
import { findPart } from "../../stack/findPart";
import { judgement } from "./command";
import { idOf, type Finding, type Judge, type Subject } from "./finding";
import { fields, items, podTemplateOf, type Fields } from "./podTemplate";

/** Rules of the plugins that are in use, in the version that is pinned. */
const fewestRules = 60;

/**
 * Monokle: the Pod Security Standards up to the restricted profile, good practice, links between the objects, syntax
 * of the text.
 */
export async function monokle(): Promise<Judge> {
  const { path: folder } = await findPart("monokle");
  return {
    name: "Monokle",
    judge: async (subjects) => {
      const objects = JSON.stringify(subjects.map(({ object }) => object));
      const report = fields(
        await judgement(process.execPath, [join(__dirname, "runMonokle.mjs"), folder], objects),
      );
      if (Number(report.rules) < fewestRules) {
        throw new Error(`Monokle has only ${String(report.rules)} rules`);
      }
      return items(report.found).map((one) => findingOf(one, subjects));
    },
  };
}

function findingOf({ check, index, path, message }: Fields, subjects: readonly Subject[]): Finding {
  const subject = subjects[Number(index)];
  if (subject === undefined) {
    throw new Error(`Monokle names object ${String(index)}`);
  }
  const container = containerAt(subject, String(path));
  return {
    judge: "Monokle",
    check: String(check),
    object: idOf(subject.object),
    ...(container !== undefined && { container }),
    message: `${String(message)} (${String(path)})`,
  };
}

/** The name of the container that a path such as `spec.template.spec.containers.0.env` is in. */
function containerAt({ object }: Subject, path: string): string | undefined {
  const [, list = "", index = ""] = /\.((?:init)?[cC]ontainers)\.(\d+)(?:\.|$)/.exec(path) ?? [];
  const container = items(podTemplateOf(object)?.spec[list])[Number(index)];
  return container === undefined ? undefined : String(container.name);
}
