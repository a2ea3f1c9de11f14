import type { ReportedResource } from "../../render/resourceTree";
import { bullet, columnWidth, fit, type Page } from "../textLayout";

interface Line {
  readonly resource: ReportedResource;
  /** the branches before the kind */
  readonly branch: string;
}

// Deeper nesting than this would leave no room for names; further levels are drawn at the same depth.
const DEEPEST = 6;
// Room for kinds at 80 columns; a wider page gives them a third.
const KIND_LIMIT = 30;
const NOTE_LIMIT = 36;

function toLines(resources: readonly ReportedResource[]): Line[] {
  const known = new Set(resources.map(({ urn }) => urn));
  const children = new Map<string | null, ReportedResource[]>();
  for (const resource of resources) {
    const parent = resource.parent !== null && known.has(resource.parent) ? resource.parent : null;
    const siblings = children.get(parent);
    if (siblings === undefined) {
      children.set(parent, [resource]);
    } else {
      siblings.push(resource);
    }
  }
  const lines: Line[] = [];
  const add = (urn: string, indent: string, depth: number): void => {
    const own = children.get(urn) ?? [];
    own.forEach((resource, index) => {
      const isLast = index === own.length - 1;
      lines.push({ resource, branch: `${indent}${isLast ? "└─ " : "├─ "}` });
      add(resource.urn, depth >= DEEPEST ? indent : `${indent}${isLast ? "   " : "│  "}`, depth + 1);
    });
  };
  for (const resource of children.get(null) ?? []) {
    lines.push({ resource, branch: "" });
    add(resource.urn, "", 1);
  }
  return lines;
}

function note({ isRead, isPatch, retainOnDelete, protect }: ReportedResource): string {
  const words = [
    isRead ? "read" : "",
    isPatch ? "patch" : "",
    retainOnDelete ? "kept on delete" : "",
    protect ? "protected" : "",
  ];
  return words.filter((word) => word !== "").join(", ");
}

/** The resources without repeated reads of one object for one component: the report shows such an object once. */
export function shownOnce(resources: readonly ReportedResource[]): ReportedResource[] {
  const seen = new Set<string>();
  return resources.filter(({ isRead, kind, object, parent }) => {
    const key = JSON.stringify([kind, object, parent]);
    const again = isRead && object !== null && seen.has(key);
    if (isRead) {
      seen.add(key);
    }
    return !again;
  });
}

const readMeans = "read: there already and not created; looked at again right before a write";

/** The tree of components and children, numbered in order of creation, as wide as the page. */
export function treeText(resources: readonly ReportedResource[], { colors, width }: Page): string[] {
  const lines = toLines(resources);
  const orders = new Map(resources.map(({ urn }, index) => [urn, index + 1]));
  const numbers = String(resources.length).length;
  const kinds = columnWidth(
    lines.map(({ branch, resource }) => branch + resource.kind),
    Math.max(KIND_LIMIT, Math.floor(width / 3)),
  );
  const tree = lines.map(({ branch, resource }) => {
    const order = String(orders.get(resource.urn)).padStart(numbers);
    const kind = fit(branch + resource.kind, kinds).padEnd(kinds);
    const remark = fit(note(resource), NOTE_LIMIT);
    const room = width - 2 - numbers - 1 - kinds - 2 - (remark === "" ? 0 : remark.length + 2);
    const name = fit(resource.object ?? resource.name, room);
    const shownKind = resource.isComponent ? colors.bold(kind) : kind;
    const shownRemark = remark === "" ? "" : `  ${colors.cyan(remark)}`;
    return `  ${colors.dim(order)} ${shownKind}  ${name}${shownRemark}`;
  });
  const hasRead = resources.some(({ isRead }) => isRead);
  return [...tree, ...(hasRead ? bullet("  ", readMeans, width).map((line) => colors.dim(line)) : [])];
}
