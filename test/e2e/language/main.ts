import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { servePlugin } from "../provider/pluginServer";
import { LanguageHost } from "./languageHost";

// The engine gives its own address as the last argument, after flags that the stand-in does not need.
const host = new LanguageHost(process.argv.at(-1));
void servePlugin(LanguageRuntimeService, host.handlers());
