import assert from "node:assert/strict";
import type { StatusReport, TargetStatus, WorkloadStatus } from "../../../src/status/report";
import { runCommand } from "../../cli/run";
import { addresses, ports } from "../datapath/addresses";
import { eventually } from "../datapath/eventually";
import { ask } from "../datapath/request";
import { unhurried, type Scenario } from "../datapath/scenario";
import { StatusRig } from "./statusRig";

/** The component `waf`, which inspects by a policy. */
export const policies: Scenario = { name: "waf", form: "AuthorizationPolicy", inspection: unhurried };

/** The component `edge`, which inspects by an EnvoyFilter. */
export const filters: Scenario = { name: "edge", form: "EnvoyFilter", inspection: unhurried };

/** The component `flow`, which inspects by external processing. */
export const streams: Scenario = { name: "flow", form: "ExternalProcessing", inspection: unhurried };

/** Where all reach the agent. */
export const service = `sigsci-agent.sigsci.svc.cluster.local:${ports.agent}`;

/** What a row must say; findings by their ids, each with its pods. */
export interface Row {
  readonly status: WorkloadStatus["status"];
  readonly pods: string;
  readonly findings?: Readonly<Record<string, readonly string[]>>;
}

let started: StatusRig | undefined;

/** The rig that all files share: there in tests and hooks. */
export function rig(): StatusRig {
  assert.ok(started, "the rig is there inside tests and hooks only");
  return started;
}

before(async () => {
  started = await StatusRig.start(["stranger", "operator"].map((name) => ({ name, token: `e2e-${name}` })));
});

after(async () => {
  await started?.stop();
});

/** Runs the command as the administrator; an argument that is given twice counts as given here. */
export async function look(...args: string[]): Promise<{ report: StatusReport; exitCode: number }> {
  const kubeconfig = ["--kubeconfig", rig().cluster.kubeconfig];
  const { out, err, exitCode } = await runCommand(["status", "--json", ...kubeconfig, ...args]);
  assert.match(out, /^\{/, `no report: ${err}`);
  // The command's own document, of the type that it has there.
  return { report: JSON.parse(out) as StatusReport, exitCode };
}

/** The row of a workload. */
export function workload(report: StatusReport, name: string): WorkloadStatus {
  const found = report.workloads.find((one) => one.name === name);
  assert.ok(found, `no row of ${name}`);
  return found;
}

/** Looks until the row of a workload is as expected: a push takes its time. */
export function untilRow(
  name: string,
  row: Row,
  exitCode: number,
  ...args: string[]
): Promise<WorkloadStatus> {
  const lookOnce = async (): Promise<WorkloadStatus> => {
    const { report, exitCode: found } = await look(...args);
    const one = workload(report, name);
    const findings = Object.fromEntries(one.findings.map(({ id, pods }) => [id, pods]));
    const pods = `${one.pods.inspected} of ${one.pods.total}`;
    const expected = { findings: {}, ...row, exitCode };
    assert.deepEqual({ status: one.status, pods, findings, exitCode: found }, expected);
    return one;
  };
  return eventually(`the row of ${name}`, lookOnce, { withinMs: 20_000 });
}

/** The words of all findings. */
export function textOf({ findings }: WorkloadStatus | TargetStatus): string {
  return findings.map(({ text }) => text).join("\n");
}

/** What a request to Deployment `web` is answered. */
export async function send(path: string): Promise<number> {
  return (await ask({ host: addresses.workload, port: ports.http, path })).status;
}
