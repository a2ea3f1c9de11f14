import assert from "node:assert/strict";
import { foreignWriters, overwrittenWriters } from "../../src/mesh/foreignWrites";
import { foreignWriteIn } from "../../src/mesh/lastForeignWrite";
import { planRepair, repairForeign } from "../../src/mesh/planRepair";
import { authorizer, contribution, definitions, marksOf, meshConfigMap } from "./contributions";

const text = { "f:data": { "f:mesh": {} } };
const annotations = { "f:metadata": { "f:annotations": {} } };
const entry = (manager: string, time: string, fieldsV1: object = annotations): object => ({
  manager,
  operation: "Update",
  time,
  fieldsV1,
});
const metadata = (...managedFields: object[]): object => ({ uid: "u", managedFields });
const ours = (time: string): object => entry("pulumi-sigsci-istio-0a1b", time, text);

describe("foreignWriters", () => {
  it("names who wrote between two reads, but no component of this package", () => {
    const before = metadata(entry("helm", "1", text), entry("kubectl-edit", "1"), ours("1"));
    const after = metadata(entry("helm", "2"), entry("kubectl-edit", "1"), entry("argocd", "2"), ours("2"));
    assert.deepEqual(foreignWriters(before, after), ["helm", "argocd"]);
  });

  it("tells the ways of one manager apart", () => {
    const apply = { ...entry("helm", "1"), operation: "Apply" };
    assert.deepEqual(foreignWriters(metadata(apply), metadata(apply, entry("helm", "1"))), ["helm"]);
  });
});

describe("overwrittenWriters", () => {
  it("names those whose text this run may have undone", () => {
    const before = metadata(entry("helm", "1", text), ours("1"));
    assert.deepEqual(overwrittenWriters(before, metadata(entry("helm", "2"), ours("3"))), ["helm"]);
    assert.deepEqual(overwrittenWriters(before, metadata(entry("helm", "1"), ours("3"))), []);
  });

  it("names nobody when this run did not write", () => {
    const before = metadata(entry("kubectl-label", "1"), ours("1"));
    assert.deepEqual(overwrittenWriters(before, metadata(entry("kubectl-label", "2"), ours("1"))), []);
  });

  it("names nobody when the text is theirs, so that they wrote last", () => {
    const before = metadata(entry("helm", "1", text), ours("1"));
    assert.deepEqual(overwrittenWriters(before, metadata(entry("helm", "4", text), ours("3"))), []);
  });
});

describe("foreignWriteIn", () => {
  const version = (mesh: string, resourceVersion: string, ...managedFields: object[]): object => ({
    metadata: { ...metadata(...managedFields), resourceVersion },
    data: { mesh },
  });
  const after = { uid: "u", resourceVersion: "9" };

  it("is what somebody else wrote last, also one who owns nothing of the object any more", () => {
    const versions = [
      version("first", "7", entry("helm", "2", text)),
      version("second", "8", entry("kubectl-edit", "3", text)),
      version("overwritten", "9", ours("4")),
    ];
    assert.deepEqual(foreignWriteIn(versions, after), { text: "second", writers: ["kubectl-edit"] });
  });

  it("is not what we wrote when somebody changes something else afterwards", () => {
    const versions = [
      version("helm's", "7", entry("helm", "2", text)),
      version("overwritten", "8", entry("helm", "2"), ours("2")),
      version("overwritten", "9", entry("helm", "2"), ours("2"), entry("kubectl-label", "3")),
    ];
    assert.deepEqual(foreignWriteIn(versions, after), { text: "helm's", writers: ["helm"] });
  });

  it("is none when nobody else wrote", () => {
    assert.equal(foreignWriteIn([version("ours", "9", ours("4"))], after), undefined);
  });

  it("is not known of another cluster, nor when the last version is not there", () => {
    const elsewhere = { metadata: { uid: "other", resourceVersion: "9" }, data: { mesh: "x" } };
    assert.equal(foreignWriteIn([elsewhere], after), "unknown");
    assert.equal(foreignWriteIn([version("ours", "8", ours("4"))], after), "unknown");
    assert.equal(foreignWriteIn([], after), "unknown");
  });
});

describe("repairForeign", () => {
  const wanted = contribution([authorizer("waf")]);
  const marks = { ...marksOf(wanted, "waf"), ...definitions("waf") };
  const written = (mode: string): string =>
    planRepair(meshConfigMap(`trustDomain: ${mode}\nextensionProviders:\n`, marks), marks, wanted)?.text ??
    "";
  const overwritten = meshConfigMap(written("old"), marks);

  it("writes the entries into the text that was overwritten", () => {
    const foreign = { text: "trustDomain: new\nextensionProviders:\n", writers: ["helm", "helm"] };
    assert.deepEqual(repairForeign(overwritten, marks, foreign, wanted), {
      text: written("new"),
      notes: ["istio-system/istio: the change of helm put back."],
    });
  });

  it("has nothing to do when the text is the same but for the entries", () => {
    const foreign = { text: "trustDomain: old\nextensionProviders:\n", writers: ["kubectl-label"] };
    assert.equal(repairForeign(overwritten, marks, foreign, wanted), undefined);
  });

  it("in a teardown takes the entries out of a text that still has them", () => {
    const foreign = { text: written("new"), writers: ["kubectl-edit"] };
    const now = meshConfigMap("trustDomain: old\nextensionProviders:\n");
    assert.equal(
      repairForeign(now, marks, foreign, { ...wanted, teardown: true })?.text,
      "trustDomain: new\nextensionProviders:\n",
    );
  });

  it("stops the run when the text is not known, and says who wrote and what to do", () => {
    assert.throws(() => repairForeign(overwritten, marks, { writers: ["helm"] }, wanted), {
      message:
        "Mesh configuration in ConfigMap istio-system/istio: helm wrote it between the read and the write of this run, " +
        "which may have undone that change.\n" +
        "    Make the change of helm again (`helm upgrade`, say), then run `pulumi up`. This run wrote no policy.\n" +
        "    With `preflight.kubeconfig`, whose user may watch this ConfigMap, the run puts such a change back by itself.",
    });
  });
});
