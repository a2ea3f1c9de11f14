// What the demo protects, and what it says when there is nothing to protect. Pure: arguments and workloads in, text out.

/** The target of examples/quickstart. */
export const quickStartTarget = { name: "storefront", namespace: "shop", matchLabels: { app: "web" } };

/** Takes `--target NAMESPACE/key=value[,key=value…]` out of the arguments. Throws an Error about one of another form. */
export function takeTargets(given) {
  const [rest, texts] = [[], []];
  for (let index = 0; index < given.length; index++) {
    const argument = given[index];
    if (argument === "--target") {
      texts.push(given[++index] ?? "");
    } else if (argument.startsWith("--target=")) {
      texts.push(argument.slice("--target=".length));
    } else {
      rest.push(argument);
    }
  }
  return { rest, targets: withNames(texts.map(parseTarget)) };
}

function parseTarget(text) {
  // A key may have a prefix of its own: shop/app.kubernetes.io/name=web.
  const [, namespace, labels] = /^([^/=]+)\/(.+)$/.exec(text) ?? [];
  const pairs = (labels ?? "").split(",").map((pair) => /^([^=]+)=([^=]*)$/.exec(pair));
  if (namespace === undefined || pairs.includes(null)) {
    throw new Error(`--target ${text}: expected NAMESPACE/key=value, such as shop/app=web`);
  }
  return { namespace, matchLabels: Object.fromEntries(pairs.map(([, key, value]) => [key, value])) };
}

/** Policies are named after targets: each gets the first label's value, and a number if that is taken. */
function withNames(targets) {
  const taken = new Set();
  return targets.map((target) => {
    const value = Object.values(target.matchLabels)[0]
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 30)
      .replace(/^-|-$/g, "");
    const base = /^[a-z]/.test(value) ? value : `target${value === "" ? "" : `-${value}`}`;
    let name = base;
    for (let number = 2; taken.has(name); number++) {
      name = `${base}-${number}`;
    }
    taken.add(name);
    return { name, ...target };
  });
}

function isSelected({ namespace, labels }, target) {
  return (
    namespace === target.namespace &&
    Object.entries(target.matchLabels).every(([key, value]) => labels[key] === value)
  );
}

const namedAtMost = 12;

/** What was found and how to choose of it, for targets that select none of the workloads; undefined if each selects some. */
export function adviceOnTargets(workloads, targets) {
  const idle = targets.filter((target) => !workloads.some((workload) => isSelected(workload, target)));
  if (idle.length === 0) {
    return undefined;
  }
  const choices = new Map();
  for (const workload of workloads) {
    const label = telling(workload.labels);
    if (label !== undefined && workload.injection.proxy !== "none") {
      const choice = `${workload.namespace}/${label}`;
      choices.set(choice, [...(choices.get(choice) ?? []), `${workload.kind} ${workload.name}`]);
    }
  }
  const lines = [...choices].map(([choice, names]) => `  --target ${choice}    ${names.join(", ")}`);
  const more = lines.length - namedAtMost;
  return [
    `No pods of the given workloads have what is to be protected: ${idle.map(shown).join("; ")}.`,
    ...(lines.length === 0
      ? [`Of the ${workloads.length} workloads found, none with a label is in the mesh.`]
      : [`Found in the mesh; choose with --target, once or more:`, ...lines.slice(0, namedAtMost)]),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join("\n");
}

function shown({ namespace, matchLabels }) {
  const pairs = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  return `${namespace}/${pairs.join(",")}`;
}

/** The label by which a workload is usually meant. */
function telling(labels) {
  const usual = ["app", "app.kubernetes.io/name", "k8s-app"];
  const passing = /^(pod-template-hash|version|.*\/(version|managed-by|part-of|rev))$/;
  const key = [...usual, ...Object.keys(labels).filter((one) => !passing.test(one))].find(
    (one) => labels[one] !== undefined,
  );
  return key === undefined ? undefined : `${key}=${labels[key]}`;
}
