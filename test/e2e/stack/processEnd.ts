import { constants } from "node:os";

type Action = () => void;

const actions = new Set<Action>();
let installed = false;

/**
 * Has `action` run when this process ends: normally, by an uncaught error or by SIGINT, SIGTERM or SIGHUP.
 * It must be synchronous and must not throw.
 *
 * @returns a function that takes the action out again
 */
export function onProcessEnd(action: Action): () => void {
  install();
  actions.add(action);
  return () => {
    actions.delete(action);
  };
}

function install(): void {
  if (installed) {
    return;
  }
  installed = true;
  process.on("exit", runAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      runAll();
      process.exit(128 + constants.signals[signal]);
    });
  }
}

/** Last registered first: a process ends before the folder that it writes to is removed. */
function runAll(): void {
  for (const action of [...actions].reverse()) {
    actions.delete(action);
    action();
  }
}
