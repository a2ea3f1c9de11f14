import assert from "node:assert/strict";
import { RunFailure } from "../stack/engine";
import type { ProgramStack } from "../stack/engine";

/** Seconds in which a refused run has to end; one that does not would wait for ever. */
const limitSeconds = 60;

/**
 * What a user reads of an operation that a program refuses.
 *
 * @param stack - The stack.
 * @param operation - What is run.
 * @throws AssertionError when the operation succeeds
 * @throws Error when it has not ended in a minute
 */
export async function refusalOf(stack: ProgramStack, operation: "preview" | "up"): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the ${operation} has not ended in ${limitSeconds} seconds`));
    }, limitSeconds * 1000);
  });
  try {
    await Promise.race([stack[operation](), late]);
  } catch (error) {
    if (error instanceof RunFailure) {
      return error.message;
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
  assert.fail("nothing was refused");
}
