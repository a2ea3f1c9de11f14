import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { ImagePullPolicy, SigsciIstioIntegration } from "../../src";
import { recordProgram, reveal } from "../../src/offline/recording";
import { defaultCluster, named, recordComponent, smallest } from "../component/program";
import { changed } from "./differences";
import { field, guide } from "./guide";
import { agentContainer, fields } from "./objects";
import { row } from "./row";

const imageFields = (container: unknown): unknown => fields(container, "name", "image", "imagePullPolicy");

const withVersion = (version: string): unknown => {
  const block = fields(guide("imageVersion"), "name", "image", "imagePullPolicy");
  return { ...block, image: String(block.image).replace("x.xx.x", version) };
};

/** Warnings of a run. */
async function warnings(args: Parameters<typeof recordComponent>[0]): Promise<string[]> {
  const { logs } = await recordComponent(args);
  return logs.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}

describe("guide: Getting and updating the agent container image", () => {
  row("no image given", async ({ compare }) => {
    const why = "a pinned version: a restart changes nothing, and an upgrade is a reviewed change";
    compare(guide("imageLatest"), imageFields(await agentContainer()), [
      changed("image", "signalsciences/sigsci-agent:latest", "signalsciences/sigsci-agent:4.84.0", why),
      changed("imagePullPolicy", "Always", "IfNotPresent", why),
    ]);
  });

  row("the newest image at each start", async ({ compare, differs }) => {
    const args = { agent: { image: { version: "latest" } } };
    compare(guide("imageLatest"), imageFields(await agentContainer(args)));
    assert.match((await warnings(args)).join("\n"), /latest is not reproducible/);
    differs("a warning says that pods may run different versions");
  });

  row("the newest image, pulled by hand", async ({ compare, differs }) => {
    const args = { agent: { image: { version: "latest", local: true } } };
    compare(guide("imageLatestByHand"), imageFields(await agentContainer(args)));
    assert.match(
      (await warnings(args)).join("\n"),
      /each node runs whatever was last pulled onto it by hand/,
    );
    differs("a warning says that nodes may run different versions");
  });

  row("one version", async ({ compare }) => {
    const container = await agentContainer({ agent: { image: { version: "4.84.0" } } });
    compare(withVersion("4.84.0"), imageFields(container));
  });

  row("the version from the configuration", async ({ compare, differs }) => {
    const recording = await recordProgram(
      () => {
        const config = new pulumi.Config();
        new SigsciIstioIntegration("waf", {
          ...smallest,
          agent: { image: { version: config.require("agentVersion") } },
        });
      },
      { reads: defaultCluster, config: { agentVersion: "4.83.0" } },
    );
    const deployment = reveal(named(recording, "waf-deployment").inputs);
    const container = field(deployment, "spec", "template", "spec", "containers", 0);
    compare(withVersion("4.83.0"), imageFields(container));
    differs("Pulumi's configuration in place of Helm values");
  });

  row("a tag of your own on the nodes", async ({ compare }) => {
    const container = await agentContainer({ agent: { image: { tag: "testing" } } });
    compare(guide("imageTag"), imageFields(container));
  });

  row("an image of your own build", async ({ compare }) => {
    const container = await agentContainer({
      agent: { image: { repository: "registry.example.com/waf/sigsci-agent", tag: "shop-1", local: false } },
    });
    const built = { name: "sigsci-agent", image: "registry.example.com/waf/sigsci-agent:shop-1" };
    compare({ ...built, imagePullPolicy: "IfNotPresent" }, imageFields(container));
  });

  row("another pull policy", async ({ compare }) => {
    const container = await agentContainer({
      agent: { image: { version: "4.84.0", pullPolicy: ImagePullPolicy.Always } },
    });
    compare({ imagePullPolicy: "Always" }, fields(container, "imagePullPolicy"));
  });

  row("an agent that stays up to date", async ({ differs }) => {
    const args = { agent: { image: { version: "4.51.0" } } };
    assert.match((await warnings(args)).join("\n"), /agent 4\.51\.0 lost support .* NO BLOCKING DECISIONS/);
    assert.deepEqual(await warnings({}), []);
    differs(
      "`up` and `preview` warn before and after the end of a version's support, when it stops blocking",
    );
  });
});
