import assert from "node:assert/strict";
import { partNamed, parts } from "./parts";

describe("the pins", () => {
  it("give every part a version of its own", () => {
    assert.match(partNamed("pulumi").version, /^3\.\d+\.\d+$/);
    assert.match(partNamed("kube-apiserver").version, /^1\.\d+\.\d+$/);
    assert.equal(partNamed("istioctl").version, partNamed("istio-crds").version);
    assert.match(partNamed("helm").version, /^3\.\d+\.\d+$/);
    for (const judge of ["kubeconform", "kube-score", "monokle"] as const) {
      assert.match(partNamed(judge).version, /^\d+\.\d+\.\d+$/);
    }
  });

  it("give every part an environment variable of its own", () => {
    assert.deepEqual(
      parts.map(({ variable }) => variable),
      [
        "E2E_ETCD",
        "E2E_ENVOY",
        "E2E_PULUMI",
        "E2E_KUBE_APISERVER",
        "E2E_KUBE_CONTROLLER_MANAGER",
        "E2E_PILOT_DISCOVERY",
        "E2E_ISTIOCTL",
        "E2E_ISTIO_CRDS",
        "E2E_ISTIO_CHARTS",
        "E2E_HELM",
        "E2E_KUBECONFORM",
        "E2E_KUBE_SCORE",
        "E2E_MONOKLE",
      ],
    );
  });
});
