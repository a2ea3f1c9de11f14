import { sdkVersion } from "../../stack/sdkVersion";
import { serve } from "../server";
import { RandomProvider } from "./provider";

// The engine warns of a provider that says it is older than the SDK of the program.
void serve(new RandomProvider(sdkVersion("@pulumi/random")));
