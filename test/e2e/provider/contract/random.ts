import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { at } from "../paths";
import { operations, plannedFor, stateOf, type Contract } from "./contract";

/** Random values that stay put. */
export function randomContract(contract: () => Contract): void {
  let keepers: Record<string, string>;
  beforeEach(() => {
    keepers = { run: "1" };
  });

  it("makes a RandomId once, in four notations with the same prefix", async () => {
    const stack = await contract().stack(() => {
      const id = new random.RandomId("id", { byteLength: 6, prefix: "p-", keepers });
      const { hex, dec, b64Url, b64Std } = id;
      return Promise.resolve({ hex, dec, b64Url, b64Std, id: id.id });
    });
    assert.equal(plannedFor(await stack.preview(), "id"), "create");
    const { outputs } = await stack.up();
    const value = (name: string): string => String(outputs[name]?.value);
    const bytes = Buffer.from(value("id"), "base64url");
    assert.equal(bytes.length, 6);
    assert.equal(value("hex"), `p-${bytes.toString("hex")}`);
    assert.equal(value("dec"), `p-${BigInt(`0x${bytes.toString("hex")}`)}`);
    assert.equal(value("b64Url"), `p-${bytes.toString("base64url")}`);
    assert.equal(value("b64Std"), `p-${bytes.toString("base64")}`);
    assert.equal((await stack.up()).outputs.hex?.value, value("hex"));
  });

  it("makes a new RandomId when a keeper changes, the new one first", async () => {
    const stack = await contract().stack(() => {
      const { hex } = new random.RandomId("id", { byteLength: 4, keepers });
      return Promise.resolve({ hex });
    });
    const first = String((await stack.up()).outputs.hex?.value);
    keepers = { run: "2" };
    const second = await stack.up();
    assert.deepEqual(operations(second, "id"), ["create-replacement", "delete-replaced"]);
    assert.notEqual(String(second.outputs.hex?.value), first);
  });

  it("makes texts of the kinds of characters asked for, and keeps a password secret", async () => {
    const stack = await contract().stack(() => {
      const text = new random.RandomString("text", {
        length: 20,
        special: false,
        upper: false,
        minNumeric: 3,
      });
      const password = new random.RandomPassword("password", { length: 12 });
      return Promise.resolve({ text: text.result, password: password.result });
    });
    const { outputs } = await stack.up();
    const text = String(outputs.text?.value);
    assert.match(text, /^[a-z0-9]{20}$/);
    assert.ok(text.replaceAll(/[^0-9]/g, "").length >= 3);
    assert.equal(outputs.password?.secret, true);
    const stored = at(await stateOf(stack, "password"), "outputs", "result");
    assert.match(JSON.stringify(stored), /^\{"4dabf18193072939515e22adb298388d"/);
  });
}
