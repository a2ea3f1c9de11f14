import assert from "node:assert/strict";
import { planRepair } from "../../src/mesh/planRepair";
import {
  authorizer,
  contribution,
  definitions,
  entryLines as entry,
  marksOf,
  meshConfigMap,
} from "./contributions";

const list = (...lines: string[][]): string => ["extensionProviders:", ...lines.flat(), ""].join("\n");
const wanted = contribution([authorizer("waf")]);
const pay = contribution([authorizer("pay")], { owner: { component: "shop/prod/pay", id: "0a1c" } });
const ours = { ...marksOf(wanted, "waf"), ...definitions("waf") };
const theirs = { ...marksOf(pay, "pay"), ...definitions("pay") };
const checks = "checks by waf.sigsci.svc:9999, no body, fails open after 200ms";
const both = { ...ours, ...theirs };

describe("planRepair", () => {
  it("has nothing to do when all is there, whatever else changed", () => {
    const text = list(entry("other"), entry("pay"), entry("waf"));
    assert.equal(planRepair(meshConfigMap(text, both), {}, wanted), undefined);
  });

  it("puts back what another component had written when this one overwrote it", () => {
    assert.deepEqual(planRepair(meshConfigMap(list(entry("waf")), both), ours, wanted), {
      text: list(entry("pay"), entry("waf")),
      notes: [
        `istio-system/istio: pay restored, somebody removed it: ${checks}. It belongs to shop/prod/pay.`,
      ],
    });
  });

  it("puts back its own entry when another one overwrote it", () => {
    assert.deepEqual(planRepair(meshConfigMap(list(entry("pay")), both), both, wanted), {
      text: list(entry("waf"), entry("pay")),
      notes: [
        `istio-system/istio: waf restored, somebody removed it: ${checks}. It belongs to shop/prod/waf.`,
      ],
    });
  });

  it("puts back the definition of another component that somebody overwrote with an older one", () => {
    const text = list(entry("pay", "1s"), entry("waf"));
    assert.deepEqual(planRepair(meshConfigMap(text, both), both, wanted), {
      text: list(entry("pay"), entry("waf")),
      notes: [
        'istio-system/istio: pay changed: envoyExtAuthzGrpc.timeout: "1s" -> "200ms". It belongs to shop/prod/pay.',
      ],
    });
  });

  it("takes out what another component had taken out, mark and all, when this one brought it back", () => {
    const text = list(entry("pay"), entry("waf"), entry("other"));
    assert.deepEqual(planRepair(meshConfigMap(text, ours), both, wanted), {
      text: list(entry("waf"), entry("other")),
      notes: ["istio-system/istio: pay removed again, its owner had taken it out."],
    });
  });

  it("in a teardown takes its own entry out again, and puts back those of others", () => {
    const text = list(entry("waf"), entry("other"));
    const repair = planRepair(meshConfigMap(text, theirs), both, { ...wanted, teardown: true });
    assert.equal(repair?.text, list(entry("pay"), entry("other")));
  });

  it("puts back its own entry under an old name, which a policy may still use", () => {
    const old = { ...ours, ...marksOf(wanted, "waf-old"), ...definitions("waf-old") };
    assert.equal(
      planRepair(meshConfigMap(list(entry("waf")), old), ours, wanted)?.text,
      list(entry("waf-old"), entry("waf")),
    );
  });

  it("takes an entry out again although it is marked as written early", () => {
    const early = { ...ours, "early.pulumi-sigsci-istio/pay": "shop/prod/pay" };
    const text = list(entry("pay"), entry("waf"));
    assert.equal(
      planRepair(meshConfigMap(text, early), { ...both, ...early }, wanted)?.text,
      list(entry("waf")),
    );
  });

  it("stops when another component took its name at the same moment", () => {
    const taken = { ...marksOf(pay, "waf"), ...definitions("waf") };
    assert.throws(
      () => planRepair(meshConfigMap(list(entry("waf")), taken), {}, wanted),
      /provider waf was written by shop\/prod\/pay at the same moment\.\n {4}Rename this component/,
    );
  });

  it("leaves an entry of another component that stands twice", () => {
    const text = list(entry("pay", "1s"), entry("pay", "2s"), entry("waf"));
    assert.equal(planRepair(meshConfigMap(text, both), both, wanted), undefined);
  });

  it("refuses a ConfigMap that lost its text, and a text that cannot be edited", () => {
    assert.throws(() => planRepair(meshConfigMap(undefined, both), both, wanted), /it has no key `mesh`/);
    assert.throws(
      () => planRepair(meshConfigMap("a: [", both), both, wanted),
      /Mesh configuration in ConfigMap istio-system\/istio: /,
    );
  });
});
