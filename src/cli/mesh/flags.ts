import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";

/** The flags that say where the mesh text is. */
export function withSourceFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--file <path>", "ConfigMap manifest or mesh text, - for stdin (default: the cluster)"),
    )
    .addOption(new Option("--context <name>", "context of the kubeconfig"))
    .addOption(new Option("--kubeconfig <path>", "kubeconfig file"))
    .addOption(new Option("--namespace <name>", "of the ConfigMap (cluster: istio-system)"))
    .addOption(new Option("--revision <name>", "Istio revision (cluster: default)"))
    .addOption(new Option("--config-map <name>", "name of the ConfigMap, in place of --revision"));
}

/** The flags that define providers. */
export function withDefinitionFlags(command: Command): Command {
  return command
    .addOption(new Option("--providers <file>", "YAML list of entries, - for stdin"))
    .addOption(new Option("--name <name>", "adds <name>-ext-authz and <name>-access-log"))
    .addOption(new Option("--service <host>", "host name of the agent's Service"))
    .addOption(new Option("--port <number>", "its port").argParser(wholeNumber).default(9999))
    .addOption(new Option("--ext-authz-name <name>", "name of the authorizer"))
    .addOption(new Option("--access-log-name <name>", "name of the access log"))
    .addOption(new Option("--no-access-log", "add the authorizer alone"))
    .addOption(new Option("--timeout <duration>", "how long a request waits (default: 200ms)"))
    .addOption(new Option("--no-fail-open", "refuse what the agent cannot be asked about"))
    .addOption(new Option("--status-on-error <code>", "with this status").argParser(wholeNumber))
    .addOption(new Option("--no-body", "do not send the body"))
    .addOption(new Option("--max-bytes <number>", "of the body (default: 100000)").argParser(wholeNumber))
    .addOption(new Option("--no-allow-partial", "answer longer bodies with 413"))
    .addOption(new Option("--no-pack-as-bytes", "send the body as UTF-8 text"))
    .addOption(new Option("--request-header <name...>", "request headers to log"))
    .addOption(new Option("--response-header <name...>", "response headers to log"))
    .addOption(new Option("--response-trailer <name...>", "response trailers to log"))
    .addOption(new Option("--filter-state <key...>", "filter state objects to log"))
    .addOption(new Option("--log-name <name>", "name of the log"))
    .addOption(new Option("--adopt", "replace an entry of that name that nobody owns"));
}

/** The flags that say what is removed. */
export function withRemovalFlags(command: Command): Command {
  return command
    .argument("[names...]", "names of entries")
    .addOption(new Option("--owner <component>", "<project>/<stack>/<component>: all it owned"))
    .addOption(new Option("--force", "also what a component owns or a policy still uses"));
}

/** The flags that let a command write. */
export function withWriteFlags(command: Command): Command {
  return command
    .addOption(new Option("--write", "replace the file in place of printing it"))
    .addOption(new Option("--yes", "write to the cluster"));
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) {
    throw new InvalidArgumentError("It is no whole number.");
  }
  return Number(value);
}
