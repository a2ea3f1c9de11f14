import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const script = `
  const { processOutput } = require(${JSON.stringify(join(__dirname, "../../src/cli/output"))});
  process.stdout.write(String(processOutput().colors));
`;

describe("processOutput", () => {
  it("has no colours without a terminal, also where a CI service would show them", () => {
    const { stdout } = spawnSync(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      encoding: "utf8",
      env: { ...process.env, CI: "true", FORCE_COLOR: undefined },
    });
    assert.equal(stdout, "false");
  });
});
