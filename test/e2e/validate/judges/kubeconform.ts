import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { findPart } from "../../stack/findPart";
import { judgement } from "./command";
import { idOf, type Finding, type Judge, type Subject } from "./finding";
import { writeSchema } from "./kubeSchemas";
import { fields, items, type Fields } from "./podTemplate";

/**
 * kubeconform with the schemas of the API server and Istio's definitions in it. It reads the texts themselves, so that
 * it also sees a key that is there twice, and applies the schemas with another library than the API server.
 *
 * @param folder for its files
 */
export async function kubeconform(kubeconfig: string, folder: string): Promise<Judge> {
  const { path: program } = await findPart("kubeconform");
  const schemas = join(folder, "schemas");
  mkdirSync(schemas);
  const known = new Set<string>();
  const learn = async ({ object: { apiVersion, kind } }: Subject): Promise<void> => {
    if (known.has(`${apiVersion} ${kind}`)) {
      return;
    }
    await writeSchema(kubeconfig, { apiVersion, kind }, schemas);
    known.add(`${apiVersion} ${kind}`);
  };
  return {
    name: "kubeconform",
    judge: async (subjects) => {
      for (const subject of subjects) {
        await learn(subject);
      }
      const files = mkdtempSync(join(folder, "kubeconform-"));
      subjects.forEach(({ text }, index) => {
        writeFileSync(join(files, `${index}.yaml`), text);
      });
      const location = `${schemas}/{{ .Group }}-{{ .ResourceAPIVersion }}-{{ .ResourceKind }}.json`;
      const report = await judgement(program, [
        ...["-strict", "-output", "json", "-summary", "-verbose", "-schema-location", location],
        files,
      ]);
      const resources = items(fields(report).resources);
      if (resources.length !== subjects.length) {
        throw new Error(`kubeconform saw ${resources.length} of ${subjects.length} objects`);
      }
      return resources.flatMap((resource) => findingsIn(resource, subjects));
    },
  };
}

function findingsIn(resource: Fields, subjects: readonly Subject[]): Finding[] {
  if (resource.status === "statusValid") {
    return [];
  }
  const subject = subjects[Number.parseInt(basename(String(resource.filename)), 10)];
  if (subject === undefined) {
    throw new Error(`kubeconform names ${String(resource.filename)}`);
  }
  const finding = { judge: "kubeconform", check: "schema", object: idOf(subject.object) } as const;
  return [{ ...finding, message: `${String(resource.status)}: ${String(resource.msg)}` }];
}
