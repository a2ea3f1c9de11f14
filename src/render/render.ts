import { resolve } from "node:path";
import { accessLogWarnings } from "./accessLogs";
import { readManifests, type ClusterObject } from "./clusterObjects";
import { computeCoverage } from "./coverage";
import { openBase, type Base } from "./baseProgram";
import { differenceOf, type Difference, type RenderDocument } from "./difference";
import { findExternalMeshes } from "./externalMesh";
import { withProviderChecks } from "./providerChecks";
import { heldBackNotes } from "./heldBackNotes";
import { grpcWarnings } from "./grpcPorts";
import { findNotes, findWarnings } from "./warnings";
import { loadProgram } from "../offline/loadProgram";
import { toFiles, writeManifests } from "./manifests";
import { findMeshEdits, meshTextsRead } from "./meshEdits";
import { meshFacts } from "./meshFacts";
import { readMeshSource, sampleMesh, type MeshSource } from "./meshSource";
import { readProjectSettings, type ProjectSettings } from "../offline/projectConfig";
import { findProtections } from "./protections";
import { ownObjects } from "./ownObjects";
import { loadPulumiSdk, type PulumiSdk } from "../offline/pulumiSdk";
import { ProgramError, recordProgram, type Recording } from "../offline/recording";
import { Refusal, UsageProblem } from "../offline/refusal";
import { reportCoverage, reportMeshEdit, type RenderReport, type WrittenManifests } from "./report";
import { describeResources, type ReportedResource } from "./resourceTree";
import { createSecretGuard, type SecretGuard } from "../offline/secretGuard";
import { redact } from "../offline/secretValue";
import { simulateCluster } from "./simulatedCluster";
import { unreadConfiguration } from "./unreadConfiguration";
import { findWorkloads } from "./workloads";

/** What to render, and with what. Paths are relative to the working directory. */
export interface RenderRequest {
  /** folder with Pulumi.yaml */
  readonly folder: string;
  /** mesh config file, `-` for standard input; without it a built-in sample */
  readonly mesh?: string | undefined;
  /** manifests of the workloads to look at */
  readonly workloads?: readonly string[];
  /** namespace of workload manifests that name none; default `default` */
  readonly namespace?: string | undefined;
  /** folder to write manifests to */
  readonly out?: string | undefined;
  readonly stack?: string | undefined;
  /** whether the report holds the inputs of every resource; default false */
  readonly withInputs?: boolean | undefined;
  /** whether errors of the program carry their stack; default false */
  readonly verbose?: boolean | undefined;
  /** `key=value` each */
  readonly config?: readonly string[];
  /** git ref, folder or saved report to compare with */
  readonly base?: string | undefined;
}

/** A finished render. */
export interface RenderResult {
  readonly report: RenderDocument;
  /** for whatever text is made from the report */
  readonly guard: SecretGuard;
  /** why the base could not be rendered; undefined when it was, or none was asked for */
  readonly baseProblem: string | undefined;
}

const DEFAULT_NAMESPACE = "default";

function loadSdk(folder: string): PulumiSdk {
  try {
    return loadPulumiSdk(folder);
  } catch (error) {
    // The program has none of its own; then the copy beside this package is the one it would share with us.
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") {
      return loadPulumiSdk();
    }
    throw error;
  }
}

async function runProgram(
  settings: ProjectSettings,
  mesh: MeshSource,
  objects: readonly ClusterObject[],
  namespace: string,
  keepStacks: boolean,
  configReads: Set<string>,
): Promise<Recording> {
  const program = loadProgram(settings);
  try {
    return await recordProgram(() => program.run(), {
      project: settings.project,
      stack: settings.stack,
      config: settings.config,
      secretConfig: settings.secretKeys,
      sdk: loadSdk(settings.folder),
      stackTraces: keepStacks,
      placeholders: settings.placeholders,
      configReads,
      ...simulateCluster(mesh, objects, namespace),
    });
  } catch (error) {
    throw error instanceof ProgramError ? error.noting(unreadConfiguration(settings, configReads)) : error;
  } finally {
    program.release();
  }
}

function collectNotes(settings: ProjectSettings, mesh: MeshSource, recording: Recording): string[] {
  const infos = recording.logs.filter(({ severity }) => severity === "info").map(({ message }) => message);
  const calls = recording.unansweredCalls.map(
    (token) => `provider function ${token} cannot run offline: its result is empty here`,
  );
  return [...infos, ...mesh.notes, ...settings.notes, ...recording.notes, ...calls];
}

interface ReportOptions {
  readonly namespace: string;
  readonly withInputs: boolean;
  readonly manifestsGiven: boolean;
  readonly configReads: ReadonlySet<string>;
}

function buildReport(
  settings: ProjectSettings,
  mesh: MeshSource,
  recording: Recording,
  objects: readonly ClusterObject[],
  { namespace, withInputs, manifestsGiven, configReads }: ReportOptions,
): RenderReport {
  const { resources, logs } = recording;
  const edits = findMeshEdits(resources);
  const protections = withProviderChecks(findProtections(resources), resources);
  const texts = new Map(meshTextsRead(resources));
  for (const { configMap, after } of edits) {
    if (after !== undefined) {
      texts.set(configMap, after);
    }
  }
  const facts = meshFacts([...texts.values()]);
  // What the program creates comes first: it takes the place of what is there.
  const workloads = findWorkloads([...ownObjects(resources), ...objects], namespace);
  const coverage = computeCoverage(workloads, protections, facts);
  const fromProgram = logs
    .filter(({ severity }) => severity === "warning")
    .map(({ message, urn }) => ({ message, resource: urn ?? null }));
  const own = [
    ...unreadConfiguration(settings, configReads),
    ...findWarnings(coverage, protections, facts, manifestsGiven),
    ...grpcWarnings(resources, objects, namespace),
    ...accessLogWarnings(resources, objects, facts, namespace),
  ].map((message) => ({ message, resource: null }));
  return {
    version: 1,
    program: { project: settings.project, stack: settings.stack },
    resources: describeResources(resources, withInputs),
    mesh: { source: mesh.label, edits: edits.map(reportMeshEdit), external: findExternalMeshes(resources) },
    coverage: reportCoverage(coverage, protections, manifestsGiven),
    outputs: redact(recording.outputs),
    warnings: [...fromProgram, ...own],
    notes: [
      ...collectNotes(settings, mesh, recording),
      ...heldBackNotes(resources),
      ...findNotes(coverage, facts),
    ],
    written: null,
  };
}

function write(folder: string, recording: Recording, guard: SecretGuard): WrittenManifests {
  const manifests = toFiles(recording.resources).map(({ file, text }) => ({
    file: guard.text(file),
    text: guard.text(text),
  }));
  const removed = writeManifests(resolve(folder), manifests);
  return { folder, files: manifests.map(({ file }) => file), removed };
}

function refuseSharedInput({ mesh, workloads = [] }: RenderRequest): void {
  const uses = [...workloads, ...(mesh === undefined ? [] : [mesh])].filter((path) => path === "-");
  if (uses.length > 1) {
    throw new UsageProblem("standard input (-) can be given only once");
  }
}

/** What both sides of a comparison are rendered with: standard input can be read once. */
interface Given {
  readonly mesh: MeshSource;
  readonly objects: readonly ClusterObject[];
}

interface Side {
  readonly report: RenderReport;
  readonly recording: Recording;
  readonly guard: SecretGuard;
}

async function renderOnce(request: RenderRequest, { mesh, objects }: Given): Promise<Side> {
  const settings = readProjectSettings(resolve(request.folder), {
    stack: request.stack,
    assignments: request.config ?? [],
  });
  const namespace = request.namespace ?? DEFAULT_NAMESPACE;
  const configReads = new Set<string>();
  const options = {
    namespace,
    withInputs: request.withInputs ?? false,
    manifestsGiven: (request.workloads ?? []).length > 0,
    configReads,
  };
  const keepStacks = request.verbose ?? false;
  const recording = await runProgram(settings, mesh, objects, namespace, keepStacks, configReads);
  const guard = createSecretGuard(recording.secrets);
  const report = buildReport(settings, mesh, recording, objects, options);
  return { report: guard.value(report), recording, guard };
}

/**
 * Runs a program offline and reports what it would create, change and protect, and what differs from its base.
 * @throws UsageProblem if the request makes no sense, Refusal if a file is wrong, ProgramError if the program fails
 */
export async function render(request: RenderRequest): Promise<RenderResult> {
  refuseSharedInput(request);
  const given = {
    mesh: request.mesh === undefined ? sampleMesh() : readMeshSource(request.mesh),
    objects: readManifests(request.workloads ?? []),
  };
  const { base } = request;
  // Resources are compared by their inputs.
  const withInputs = request.withInputs === true || base !== undefined;
  const { report, recording, guard } = await renderOnce({ ...request, withInputs }, given);
  const written = request.out === undefined ? null : write(request.out, recording, guard);
  const compared = base === undefined ? undefined : await compare(base, request, given, report);
  return {
    guard,
    baseProblem: compared?.problem,
    report: {
      ...report,
      resources: request.withInputs === true ? report.resources : report.resources.map(withoutInputs),
      notes: [...report.notes, ...(compared?.notes ?? [])],
      written: guard.value(written),
      difference: compared?.difference ?? null,
    },
  };
}

function withoutInputs(resource: ReportedResource): ReportedResource {
  const shown = { ...resource };
  delete shown.inputs;
  return shown;
}

function notesOn(base: string, { coverage }: RenderReport, now: RenderReport): string[] {
  return coverage.manifestsGiven === now.coverage.manifestsGiven
    ? []
    : [
        `only targets were compared: ${coverage.manifestsGiven ? "this side" : base} was rendered without --workloads`,
      ];
}

interface Comparison {
  readonly difference?: Difference;
  readonly notes: readonly string[];
  /** Why the base could not be rendered. */
  readonly problem?: string;
}

async function compare(
  base: string,
  request: RenderRequest,
  given: Given,
  now: RenderReport,
): Promise<Comparison> {
  let opened: Base | undefined;
  try {
    opened = openBase(base, request.folder);
    if (opened.kind === "report") {
      return { difference: differenceOf(base, opened.report, now), notes: notesOn(base, opened.report, now) };
    }
    const { folder, fileAt } = opened;
    const { workloads = [] } = request;
    const there = workloads.includes("-")
      ? given
      : { ...given, objects: readManifests(workloads.map(fileAt)) };
    const { report } = await renderOnce({ ...request, folder, withInputs: true }, there);
    return { difference: differenceOf(base, report, now), notes: opened.notes };
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof ProgramError)) {
      throw error;
    }
    const messages = error instanceof ProgramError ? error.messages : [error.message];
    const guard = createSecretGuard(error instanceof ProgramError ? error.secrets : []);
    return { notes: [], problem: guard.text(messages.join("; ")) };
  } finally {
    if (opened?.kind === "folder") {
      opened.release();
    }
  }
}
