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
  const outputs = new Set<string>();
  const undo = [fillMissingConfiguration(sdk, keys), fillMissingStackOutputs(sdk, outputs)];
  return {
    notes: (project) => {
      const short = [...keys].map((key) =>
        key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key,
      );
      return [
        ...(keys.size === 0
          ? []
          : [`no value for ${short.join(", ")}: placeholders are used (set one with --config key=value)`]),
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
