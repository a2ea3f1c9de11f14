import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { agentImage, imageWithDefaults } from "../../src/settings/image";
import { ImagePullPolicy, type AgentImageArgs } from "../../src/args/image";
import { resolved } from "../agent/resolved";

const repository = "signalsciences/sigsci-agent";
const digest = `sha256:${"0a".repeat(32)}`;

function plain(image: AgentImageArgs): [unknown, unknown] {
  const { reference, pullPolicy } = agentImage(image);
  return [reference, pullPolicy];
}

describe("agent image", () => {
  const modes: [string, AgentImageArgs, string, ImagePullPolicy][] = [
    ["the default", {}, `${repository}:4.84.0`, ImagePullPolicy.IfNotPresent],
    ["one version", { version: "4.80.0" }, `${repository}:4.80.0`, ImagePullPolicy.IfNotPresent],
    ["newest at each start", { version: "latest" }, `${repository}:latest`, ImagePullPolicy.Always],
    [
      "newest, pulled by hand",
      { version: "latest", local: true },
      `${repository}:latest`,
      ImagePullPolicy.Never,
    ],
    ["an own tag on the node", { tag: "testing" }, `${repository}:testing`, ImagePullPolicy.Never],
    [
      "an own tag in a registry",
      { repository: "registry.example/waf", tag: "testing", local: false },
      "registry.example/waf:testing",
      ImagePullPolicy.IfNotPresent,
    ],
    ["a digest", { digest }, `${repository}@${digest}`, ImagePullPolicy.IfNotPresent],
    [
      "a version and its digest",
      { version: "4.84.0", digest },
      `${repository}:4.84.0@${digest}`,
      ImagePullPolicy.IfNotPresent,
    ],
    [
      "an own tag and its digest",
      { tag: "testing", digest },
      `${repository}:testing@${digest}`,
      ImagePullPolicy.IfNotPresent,
    ],
    [
      "latest, held by a digest",
      { version: "latest", digest },
      `${repository}:latest@${digest}`,
      ImagePullPolicy.IfNotPresent,
    ],
    [
      "a version on the node",
      { version: "4.84.0", local: true },
      `${repository}:4.84.0`,
      ImagePullPolicy.Never,
    ],
  ];
  for (const [what, image, reference, pullPolicy] of modes) {
    it(`gives reference and pull policy for ${what}`, () => {
      assert.deepEqual(plain(image), [reference, pullPolicy]);
    });
  }

  it("lets an explicit pull policy win over every mode", () => {
    for (const [, image] of modes) {
      for (const pullPolicy of Object.values(ImagePullPolicy)) {
        assert.equal(agentImage({ ...image, pullPolicy }).pullPolicy, pullPolicy);
      }
    }
  });

  it("waits for a version that is known only later", async () => {
    const image = agentImage({ version: pulumi.output("latest") });
    assert.ok(pulumi.Output.isInstance(image.reference));
    assert.equal(await resolved(image.reference), `${repository}:latest`);
    assert.equal(await resolved(image.pullPolicy), ImagePullPolicy.Always);
  });

  it("gives the default version only when nothing else names an image", () => {
    assert.equal(imageWithDefaults({}).version, "4.84.0");
    assert.equal(imageWithDefaults({ tag: "testing" }).version, undefined);
    assert.equal(imageWithDefaults({ digest }).version, undefined);
  });
});
