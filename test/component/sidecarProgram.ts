import { Placement } from "../../src";
import type { SigsciIstioIntegrationArgs } from "../../src";
import type { RecordOptions } from "../../src/offline/recording";
import { defaultCluster, smallest } from "./program";

/** A target that brings no workload. */
export const web = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
/** A target whose workload is patched. */
export const patched = { ...web, workload: { name: "web-v1" } };
/** What stands in plain text in the pods of the application. */
export const appSecret = "PLAIN-PASSWORD-OF-THE-APPLICATION";

/** A cluster with that workload. */
export const reads: NonNullable<RecordOptions["reads"]> = (type, id) =>
  type === "kubernetes:apps/v1:Deployment" && id === "shop/web-v1"
    ? {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web-v1", namespace: "shop", resourceVersion: "12" },
        spec: {
          template: {
            metadata: { labels: { app: "web" } },
            spec: {
              containers: [{ name: "web", image: "web:1", env: [{ name: "PASSWORD", value: appSecret }] }],
              volumes: [{ name: "cache", emptyDir: {} }],
            },
          },
        },
      }
    : defaultCluster(type, id);

/** The smallest program with Sidecar placement. */
export const withSidecar = (args: Partial<SigsciIstioIntegrationArgs> = {}): SigsciIstioIntegrationArgs => ({
  ...smallest,
  placement: Placement.Sidecar,
  targets: [patched],
  ...args,
});
