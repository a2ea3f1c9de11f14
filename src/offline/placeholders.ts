import { fillMissingConfiguration } from "./missingConfiguration";
import { fillMissingStackOutputs } from "./missingStackOutputs";
import type { PulumiSdk } from "./pulumiSdk";

/** Placeholders for what a program asks for and an offline run cannot know. */
export interface Placeholders {
  /** which were used, in sentences for the user; keys of the project are shown without its name */
  notes(project: string): string[];
  /** Takes back what was changed in the SDK. */
  restore(): void;
}

/** @param declared full keys of the configuration whose values are placeholders already */
export function fillWithPlaceholders(sdk: PulumiSdk, declared: readonly string[]): Placeholders {
  const keys = new Set(declared);
  const objects = new Set<string>();
  const outputs = new Set<string>();
  const undo = [fillMissingConfiguration(sdk, keys, objects), fillMissingStackOutputs(sdk, outputs)];
  return {
    notes: (project) => {
      const short = (all: ReadonlySet<string>): string[] =>
        [...all].map((key) => (key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key));
      const [object, ...others] = short(objects);
      return [
        ...(keys.size === 0
          ? []
          : [
              `no value for ${short(keys).join(", ")}: placeholders are used (set one with --config key=value)`,
            ]),
        ...(object === undefined
          ? []
          : [
              `an empty object stands for ${[object, ...others].join(", ")}, where the program may want a list ` +
                `(--config '${object}=[…]')`,
            ]),
        ...(outputs.size === 0
          ? []
          : [
              `outputs of other stacks cannot be read here: placeholders are used for ${[...outputs].join(", ")}`,
            ]),
      ];
    },
    restore: () => {
      for (const step of undo) {
        step();
      }
    },
  };
}
