/** How a share, or the paths that are left out, change from one text of limits to another; the rest is no order. */
export function extentChange(before: string, after: string): "less" | "same" | "more" | "unknown" {
  if (before === after) {
    return "same";
  }
  const [was, is] = [shareIn(before), shareIn(after)];
  if (was !== undefined && is !== undefined) {
    return is < was ? "less" : "more";
  }
  const [left, leaves] = [leftOutBy(before), leftOutBy(after)];
  if (left === undefined || leaves === undefined) {
    return "unknown";
  }
  if (leaves.every((one) => left.includes(one))) {
    return "more";
  }
  return left.every((one) => leaves.includes(one)) ? "less" : "unknown";
}

function shareIn(text: string): number | undefined {
  const share = /^([\d.]+) % of requests$/.exec(text)?.[1];
  return share === undefined ? undefined : Number(share);
}

function leftOutBy(text: string): string[] | undefined {
  const [, paths, others] = /^except (?:paths ([^;]+)|([^,;]+))$/.exec(text) ?? [];
  return paths?.split(", ") ?? others?.split(" ");
}
