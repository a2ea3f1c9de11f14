import { sdkVersion } from "../sdkVersion";
import { serve } from "../server";
import { KubernetesProvider } from "./provider";

void serve((log) => new KubernetesProvider(sdkVersion("@pulumi/kubernetes"), log));
