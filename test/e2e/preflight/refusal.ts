import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { ProgramStack } from "../stack/engine";

const waitMs = 60_000;

/**
 * The error of an operation that a program refuses. The SDK lets an inline program wait for ever once something that
 * resources depend on was refused, so the operation is not waited for: dispose of the stack afterwards.
 *
 * @param stack - The stack.
 * @param operation - What is run.
 * @throws Error when the operation succeeds, or nothing is refused in a minute
 */
export async function refusalOf(stack: ProgramStack, operation: "preview" | "up"): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${operation}: nothing was refused`));
    }, waitMs);
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      finish();
    };
    const onEvent = ({ diagnosticEvent }: EngineEvent): void => {
      if (diagnosticEvent?.severity === "error") {
        end(() => {
          resolve(diagnosticEvent.message);
        });
      }
    };
    const run = operation === "preview" ? stack.stack.preview({ onEvent }) : stack.stack.up({ onEvent });
    run.then(
      () => {
        end(() => {
          reject(new Error(`${operation} was not refused`));
        });
      },
      (error: unknown) => {
        end(() => {
          resolve(String(error));
        });
      },
    );
  });
}
