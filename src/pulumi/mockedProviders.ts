import * as pulumi from "@pulumi/pulumi";
import { runsUnderEngine } from "./engineRun";
import { ComponentRefusal } from "./refusal";

const told = new WeakSet<pulumi.Resource>();

/**
 * The answer of a provider. Refuses what only mocks of a unit test answer: nothing, where a provider always has a value.
 * Said on standard error too, because some test runners hide rejections and wait until the time is over.
 *
 * @param answer - What was answered.
 * @param what - Whose answer it is.
 */
export function answered<T>(component: pulumi.Resource, answer: T, what: string): T {
  if (answer !== undefined || pulumi.runtime.isDryRun() || runsUnderEngine(pulumi.runtime.getMonitor())) {
    return answer;
  }
  const message =
    `The mocks of this test answer nothing for ${what}.\n` +
    "Let them answer with those of the package, alone or behind your own:\n" +
    '    import { sigsciIstioMocks } from "pulumi-sigsci-istio/testing";\n' +
    "    await pulumi.runtime.setMocks(sigsciIstioMocks());\n" +
    "docs/testing.md of the package shows both.";
  if (!told.has(component)) {
    told.add(component);
    process.stderr.write(`${message}\n`);
  }
  throw new ComponentRefusal(message, component);
}
