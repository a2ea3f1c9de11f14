import { findPart } from "../../stack/findPart";
import { partNamed } from "../../stack/parts";
import { judgement } from "./command";
import { idOf, type Finding, type Judge } from "./finding";
import { fields, items, podTemplateOf, type Fields } from "./podTemplate";

const perfect = 10;

/** Optional checks that are about safety; the others ask for a Guaranteed quality of service. */
const optionalChecks = ["container-seccomp-profile", "container-ports-check"];

/** kube-score; whatever is less than perfect is a finding, and an annotation that silences it is not heeded. */
export async function kubeScore(): Promise<Judge> {
  const { path: program } = await findPart("kube-score");
  const [major = "", minor = ""] = partNamed("kube-apiserver").version.split(".");
  const args = [
    ...["score", "--output-format", "json", "--kubernetes-version", `v${major}.${minor}`],
    "--disable-ignore-checks-annotations",
    ...optionalChecks.flatMap((check) => ["--enable-optional-test", check]),
    "-",
  ];
  return {
    name: "kube-score",
    judge: async (subjects) => {
      const scored = await judgement(program, args, subjects.map(({ text }) => text).join("\n---\n"));
      const seen = new Set(items(scored).map(objectOf));
      // It knows no kind of Istio's and leaves those out.
      const unseen = subjects.filter(
        ({ object }) => podTemplateOf(object) !== undefined && !seen.has(idOf(object)),
      );
      if (unseen.length > 0) {
        throw new Error(`kube-score did not see ${unseen.map(({ object }) => idOf(object)).join()}`);
      }
      return items(scored).flatMap(findingsIn);
    },
  };
}

function findingsIn(scored: Fields): Finding[] {
  const object = objectOf(scored);
  return items(scored.checks)
    .filter(({ skipped, grade }) => skipped !== true && Number(grade) < perfect)
    .flatMap(({ check, comments }) =>
      items(comments).map(({ path, summary }) => ({
        judge: "kube-score" as const,
        check: String(fields(check).id),
        object,
        ...(typeof path === "string" && path !== "" && { container: path }),
        message: String(summary),
      })),
    );
}

function objectOf(scored: Fields): string {
  const { name, namespace } = fields(scored.object_meta);
  const kind = String(fields(scored.type_meta).kind);
  return `${kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${String(name)}`;
}
