type Change = "less" | "same" | "more" | "unknown";

/** How a share, and the paths that are left out, change from one text of limits to another; the rest is no order. */
export function extentChange(before: string, after: string): Change {
  const [was, is] = [partsOf(before), partsOf(after)];
  const share = was.share === is.share ? "same" : is.share < was.share ? "less" : "more";
  const conditions = conditionChange(was.conditions, is.conditions);
  if (share === "same" || conditions === "same") {
    return share === "same" ? conditions : share;
  }
  return share === conditions ? share : "unknown";
}

/** Of `10 % of requests, only paths /api/*`. */
function partsOf(text: string): { share: number; conditions: string } {
  const [, share = "100", conditions = ""] = /^(?:([\d.]+) % of requests(?:, )?)?(.*)$/.exec(text) ?? [];
  return { share: Number(share), conditions };
}

function conditionChange(before: string, after: string): Change {
  if (before === after) {
    return "same";
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

function leftOutBy(conditions: string): string[] | undefined {
  if (conditions === "") {
    return [];
  }
  const [, paths, others] = /^except (?:paths ([^;]+)|([^,;]+))$/.exec(conditions) ?? [];
  return paths?.split(", ") ?? others?.split(" ");
}
