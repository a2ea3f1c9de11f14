import { adviceOn } from "../../status/advice";
import type { PodFinding, StatusReport } from "../../status/report";
import { bullet, type Page } from "../textLayout";
import { findingWords, statusText } from "./statusText";

/** The status, then each finding with what it means and what mends it. */
export function doctorText(report: StatusReport, page: Page): string {
  const { targets, workloads } = report;
  const found = [
    ...targets.flatMap(({ component, target, findings }) =>
      findings.map((finding) => ({
        subject: `target ${component}/${target}`,
        finding: { ...finding, pods: [] },
      })),
    ),
    ...workloads
      .filter(({ status }) => status !== "untargeted")
      .flatMap((workload) =>
        workload.findings.map((finding) => ({
          subject: `${workload.namespace}/${workload.name}`,
          finding,
          workload,
        })),
      ),
  ];
  const advice = found.flatMap(({ subject, finding, ...more }) =>
    describe(subject, finding, more, page.width),
  );
  return statusText(report, page) + (advice.length === 0 ? "" : `\nWhat to do\n${advice.join("\n")}\n`);
}

function describe(
  subject: string,
  finding: PodFinding,
  { workload }: { readonly workload?: StatusReport["workloads"][number] },
  width: number,
): string[] {
  const { meaning, remedy } = adviceOn(finding, workload);
  const lines = [meaning, remedy, `See docs/troubleshooting.md#${finding.id}.`];
  return [
    ...bullet("- ", `${subject}: ${findingWords(finding)}`, width),
    ...lines.flatMap((line) => bullet("    ", line, width)),
  ];
}
