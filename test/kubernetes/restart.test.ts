import assert from "node:assert/strict";
import { restartCommands } from "../../src/kubernetes/restart";

const pod = (name: string, owner?: { kind: string; name: string }, hash?: string) => ({
  metadata: {
    name,
    namespace: "shop",
    labels: hash === undefined ? {} : { "pod-template-hash": hash },
    ...(owner && { ownerReferences: [owner] }),
  },
});

describe("the commands that start pods again", () => {
  it("name the workload once, and a pod that nothing restarts", () => {
    assert.deepEqual(
      restartCommands([
        pod("web-5f7d8-a", { kind: "ReplicaSet", name: "web-5f7d8" }, "5f7d8"),
        pod("web-5f7d8-b", { kind: "ReplicaSet", name: "web-5f7d8" }, "5f7d8"),
        pod("db-0", { kind: "StatefulSet", name: "db" }),
        pod("log-x", { kind: "DaemonSet", name: "log" }),
        pod("job-x", { kind: "Job", name: "job" }),
        pod("lonely"),
        pod("bare-x", { kind: "ReplicaSet", name: "bare" }),
      ]),
      [
        "kubectl delete pod bare-x -n shop",
        "kubectl delete pod job-x -n shop",
        "kubectl delete pod lonely -n shop",
        "kubectl rollout restart daemonset/log -n shop",
        "kubectl rollout restart deployment/web -n shop",
        "kubectl rollout restart statefulset/db -n shop",
      ],
    );
  });
});
