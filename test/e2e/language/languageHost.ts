import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { sdkVersion } from "../stack/sdkVersion";
import { unary } from "../provider/pluginServer";
import { installDependencies, runPlugin } from "./pluginRunner";
import { requiredPackages } from "./requiredPackages";
import { ProgramRunner } from "./programRunner";

/**
 * The calls of the language protocol that a preview, an update, `pulumi about` or a plugin in Node.js needs. All that has
 * to do with generating code and templates answers "unimplemented".
 */
export class LanguageHost {
  private readonly runner = new ProgramRunner();

  /**
   * @param engine - Address of the engine; undefined when the engine attaches later and says it in a handshake.
   */
  constructor(private engine: string | undefined) {}

  /** The answers, to be served. */
  handlers(): grpc.UntypedServiceImplementation {
    return {
      handshake: unary((request: proto.LanguageHandshakeRequest) => {
        this.engine = request.getEngineAddress();
        return Promise.resolve(new proto.LanguageHandshakeResponse());
      }),
      getPluginInfo: unary(() => Promise.resolve(pluginInfo())),
      about: unary(() => Promise.resolve(about())),
      getRequiredPackages: unary((request: proto.GetRequiredPackagesRequest) =>
        Promise.resolve(packagesOf(programInfo(request.getInfo()).getProgramDirectory())),
      ),
      runtimeOptionsPrompts: unary(() => Promise.resolve(new proto.RuntimeOptionsResponse())),
      run: unary((request: proto.RunRequest) => this.run(request)),
      installDependencies: (
        call: grpc.ServerWritableStream<proto.InstallDependenciesRequest, proto.InstallDependenciesResponse>,
      ) => {
        installDependencies(programInfo(call.request.getInfo()).getProgramDirectory(), call);
      },
      runPlugin: (call: grpc.ServerWritableStream<proto.RunPluginRequest, proto.RunPluginResponse>) => {
        const { request } = call;
        const run = {
          kind: request.getKind(),
          directory: programInfo(request.getInfo()).getProgramDirectory(),
          workingDirectory: request.getPwd(),
          args: request.getArgsList(),
          environment: request.getEnvList(),
        };
        runPlugin(run, call);
      },
      cancel: unary(() => {
        this.runner.interrupt();
        return Promise.resolve(new Empty());
      }),
    };
  }

  private async run(request: proto.RunRequest): Promise<proto.RunResponse> {
    if (this.engine === undefined) {
      throw new Error("The engine has not said its address.");
    }
    const { error, bail } = await this.runner.run({
      engine: this.engine,
      monitor: request.getMonitorAddress(),
      organization: request.getOrganization(),
      project: request.getProject(),
      stack: request.getStack(),
      dryRun: request.getDryrun(),
      parallel: request.getParallel(),
      config: new Map(request.getConfigMap().toArray()),
      secretKeys: request.getConfigsecretkeysList(),
      args: request.getArgsList(),
      ...placeOf(programInfo(request.getInfo())),
    });
    const response = new proto.RunResponse();
    response.setError(error);
    response.setBail(bail);
    return response;
  }
}

function placeOf(info: proto.ProgramInfo): {
  rootDirectory: string;
  programDirectory: string;
  entryPoint: string;
  options: Readonly<Record<string, unknown>>;
} {
  return {
    rootDirectory: info.getRootDirectory(),
    programDirectory: info.getProgramDirectory(),
    entryPoint: info.getEntryPoint(),
    options: info.getOptions()?.toJavaScript() ?? {},
  };
}

function programInfo(info: proto.ProgramInfo | undefined): proto.ProgramInfo {
  if (info === undefined) {
    throw new Error("The engine does not say where the program is.");
  }
  return info;
}

function pluginInfo(): PluginInfo {
  const info = new PluginInfo();
  info.setVersion(sdkVersion("@pulumi/pulumi"));
  return info;
}

function about(): proto.AboutResponse {
  const response = new proto.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

function packagesOf(programDirectory: string): proto.GetRequiredPackagesResponse {
  const response = new proto.GetRequiredPackagesResponse();
  for (const { name, version } of requiredPackages(programDirectory)) {
    const dependency = new PackageDependency();
    dependency.setName(name);
    dependency.setKind("resource");
    dependency.setVersion(version);
    response.addPackages(dependency);
  }
  return response;
}
