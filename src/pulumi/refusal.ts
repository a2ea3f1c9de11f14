import * as pulumi from "@pulumi/pulumi";
import { runsUnderEngine } from "./engineRun";
import { printable } from "./printable";

/** A refusal of something that a program asks for. Pulumi shows its message and no stack. */
export class Refusal extends pulumi.RunError {
  constructor(message: string) {
    super(printable(message));
  }
}

/** A refusal that Pulumi shows beside the component. */
export class ComponentRefusal extends pulumi.ResourceError {
  constructor(message: string, component: pulumi.Resource) {
    const shown = printable(message);
    super(shown, component, true);
    // Pulumi prints the stack of what fails after the program has ended.
    Object.defineProperty(this, "stack", { value: undefined, writable: true });
    // The SDK puts the names of all properties that wait for a failed value in front of its message.
    Object.defineProperty(this, "message", { get: () => shown, set: () => undefined });
    keepFromShutdown();
  }
}

/**
 * An inline program of the Automation API tells the engine that all went well, whatever was rejected once its function
 * had returned; the engine then deletes what was not registered, which is all that the refused component has in the
 * cluster. So the engine is not told. The command line looks for errors before it says so.
 */
function keepFromShutdown(): void {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  if (monitor !== undefined && runsUnderEngine(monitor)) {
    const unsaid = (_empty: unknown, answered: () => void): void => {
      answered();
    };
    Reflect.set(monitor, "signalAndWaitForShutdown", unsaid);
  }
}

/**
 * Does something that may be refused, on behalf of a component.
 *
 * @param work - What may throw a {@link Refusal}.
 * @throws ComponentRefusal in place of a refusal.
 */
export function onBehalfOf<T>(component: pulumi.Resource, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Refusal ? new ComponentRefusal(error.message, component) : error;
  }
}
