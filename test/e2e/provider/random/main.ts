import { sdkVersion } from "../sdkVersion";
import { serve } from "../server";
import { RandomProvider } from "./provider";

void serve(() => new RandomProvider(sdkVersion("@pulumi/random")));
