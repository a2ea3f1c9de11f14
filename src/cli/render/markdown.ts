import type { Danger } from "../../render/danger";
import type { ChangedInspection, ChangedObject, RenderDocument } from "../../render/difference";
import type { RenderReport } from "../../render/report";
import type { ChangedMesh } from "../../render/meshDifference";
import { coverageSummary, requestsOf } from "./coverageText";
import { changeWords, sideChanges } from "./differenceText";

/** Comments on GitHub and GitLab hold some 65,000 characters. */
const most = 60_000;

const dangerWords: Readonly<Record<Danger, string>> = {
  lost: "**somebody loses inspection**",
  closed: "**requests are refused when the agent does not answer**",
  mesh: "the mesh config changes",
};

/**
 * The report as a comment on a pull request, in GitHub's flavour of Markdown, of less than 60,000 characters. Its first
 * line is the same for one program and stack, so that an earlier comment can be found and replaced.
 *
 * @param baseProblem - Why there is nothing to compare with.
 */
export function markdown(report: RenderDocument, baseProblem: string | undefined): string {
  const { program, difference, warnings, notes, coverage } = report;
  const head = [
    `<!-- pulumi-sigsci-istio render ${program.project}/${program.stack} -->`,
    `## WAF inspection: ${text(program.project)}, stack ${text(program.stack)}`,
    "",
    verdict(report, baseProblem),
  ];
  const parts: Part[] = [
    ...(difference === null
      ? []
      : [
          inspectionPart("Workloads", difference.workloads),
          inspectionPart("Targets", difference.targets),
          ...difference.mesh.map(meshPart),
          objectPart(difference.objects),
        ]),
    listPart(
      "Warnings",
      warnings.map(({ message }) => message),
    ),
    { ...listPart("Notes", notes), isFolded: true },
    coveragePart(coverage),
  ].filter(({ rows }) => rows.length > 0);
  return fitted(head, parts);
}

function verdict({ difference, coverage }: RenderDocument, baseProblem: string | undefined): string {
  if (baseProblem !== undefined) {
    return `The base could not be rendered, so nothing is compared: ${text(baseProblem)}`;
  }
  if (difference === null) {
    return `${coverageSummary(coverage)}.`;
  }
  const { dangers, workloads, targets, objects } = difference;
  if (workloads.length + targets.length + objects.length + difference.mesh.length === 0) {
    return `Nothing changes, compared with ${code(difference.base)}.`;
  }
  const words = dangers.map((danger) => dangerWords[danger]);
  const found = words.length === 0 ? "nobody loses inspection" : words.join("; ");
  return `Compared with ${code(difference.base)}: ${found}.`;
}

/** A part of the comment: what stands around its rows, and the rows, of which the last ones may have to go. */
interface Part {
  readonly title: string;
  readonly before: readonly string[];
  readonly rows: readonly string[];
  readonly after: readonly string[];
  readonly isFolded: boolean;
}

function part(title: string, rows: readonly string[], more: Partial<Part> = {}): Part {
  return { title, rows, before: [], after: [], isFolded: false, ...more };
}

function inspectionPart(title: string, changes: readonly ChangedInspection[]): Part {
  const rows = changes.map((changed) => {
    const cells = [
      code(changed.name),
      text(changed.kind),
      text(changeWords(changed)),
      sideChanges(changed).map(text).join("<br>"),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return part(`${title} that change: ${changes.length}`, rows, {
    before: ["| | kind | change | |", "| --- | --- | --- | --- |"],
  });
}

function meshPart({ text: title, diff }: ChangedMesh): Part {
  // A fence has to be longer than any in the text.
  const longest = Math.max(2, ...diff.map((line) => /`+/.exec(line)?.[0].length ?? 0));
  const fence = "`".repeat(longest + 1);
  return part(`Mesh config: ${title}`, diff, { before: [`${fence}diff`], after: [fence] });
}

function objectPart(objects: readonly ChangedObject[]): Part {
  const rows = objects.map(({ change, kind, object, fields }) => {
    const where = fields.length === 0 ? "" : `: ${fields.map(code).join(", ")}`;
    return `- ${change} ${text(kind)} ${code(object)}${where}`;
  });
  return part(`Objects that change: ${objects.length}`, rows, { isFolded: objects.length > 10 });
}

function listPart(title: string, messages: readonly string[]): Part {
  return part(
    title,
    messages.map((message) => `- ${text(message)}`),
  );
}

function coveragePart(coverage: RenderReport["coverage"]): Part {
  const rows = coverage.workloads.map(({ namespace, name, kind, status, policies, remark }) => {
    const requests = policies.map((policy) => text(requestsOf(policy))).join("<br>");
    const cells = [
      code(`${namespace}/${name}`),
      text(kind),
      status,
      requests === "" ? text(remark ?? "") : requests,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return part(`Coverage: ${coverageSummary(coverage)}`, rows, {
    before: ["| workload | kind | status | requests |", "| --- | --- | --- | --- |"],
    isFolded: true,
  });
}

/** Puts the parts together; while that is too long, the longest part is folded, then shortened, and says so. */
function fitted(head: readonly string[], parts: readonly Part[]): string {
  const left = parts.map(({ rows }) => rows.length);
  const whole = (): string =>
    [...head, ...parts.map((one, index) => rendered(one, left[index] ?? 0)), ""].join("\n");
  while (whole().length >= most) {
    const lengths = parts.map((one, index) => one.rows.slice(0, left[index]).join("\n").length);
    const longest = lengths.indexOf(Math.max(...lengths));
    if (left[longest] === 0) {
      break;
    }
    left[longest] = Math.floor((left[longest] ?? 0) * 0.8);
  }
  return whole();
}

function rendered({ title, before, rows, after, isFolded }: Part, shown: number): string {
  const missing = rows.length - shown;
  const rest = missing === 0 ? [] : ["", `${missing} more: the whole is in the output of \`render --json\`.`];
  const body = [...before, ...rows.slice(0, shown), ...after, ...rest];
  return isFolded || missing > 0
    ? ["", `<details><summary>${html(title)}</summary>`, "", ...body, "", "</details>"].join("\n")
    : ["", `### ${text(title)}`, "", ...body].join("\n");
}

function html(value: string): string {
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Text that nothing of Markdown is read into. A line break would end a row of a table. GitHub looks for names of people
 * and numbers of issues after it has read Markdown, so that a backslash does not help.
 */
function text(value: string): string {
  return html(value)
    .replace(/[\\`*_{}[\]#|~]/g, (sign) => `\\${sign}`)
    .replace(/(?:@|\\#|GH-)(?=\w)/g, (sign) => `${sign}&#8203;`)
    .replace(/\s*\n\s*/g, " ");
}

/** A name in a code span. */
function code(value: string): string {
  const fence = "`".repeat(Math.max(0, ...[...value.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = fence.length > 1 ? " " : "";
  return `${fence}${pad}${value.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ")}${pad}${fence}`;
}
