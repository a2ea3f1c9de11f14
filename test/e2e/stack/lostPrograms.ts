import { say } from "./progress";

/** gRPC: the call was cut off, or nobody answers at that address. */
const lost: readonly unknown[] = [1, 14];

let isListening = false;

/**
 * Keeps what a program rejects whose engine has ended from the program that runs by then. An engine that gives up does
 * not end its inline program, and the SDK takes every rejection in the process for one of the current program.
 * A program whose own engine is gone needs no such word: its operation fails.
 */
export function forgetLostPrograms(): void {
  if (isListening) {
    return;
  }
  isListening = true;
  const emit = process.emit.bind(process) as (event: string | symbol, ...args: unknown[]) => boolean;
  // The overloads of `emit` cannot be written down in one signature.
  process.emit = ((event: string | symbol, ...args: unknown[]): boolean => {
    if (event === "unhandledRejection" && isLost(args[0])) {
      say("a program whose engine has ended was told so");
      return true;
    }
    return emit(event, ...args);
  }) as typeof process.emit;
}

function isLost(reason: unknown): boolean {
  return reason instanceof Error && "code" in reason && lost.includes(reason.code);
}
