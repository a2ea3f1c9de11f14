import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { createdSecretReference, existingSecretReference } from "../../src/settings/secretReference";
import { credentialsDigest, credentialsSecret, secretName } from "../../src/agent/credentials";
import type { CredentialsArgs } from "../../src/args/credentials";
import { anonymousIpSecretKeyProblems, credentialsProblems } from "../../src/validation/credentialsProblems";
import { agentSettings } from "../../src/settings/agent";
import type { ArgumentProblem } from "../../src/validation/problem";
import { credentialsShape } from "../../src/validation/shapes/credentials";
import { dnsSubdomain } from "../../src/kubernetes/syntax";
import { labels } from "./agentObjects";

const accessKeyId = "12345678-abcd-1234-abcd-1234567890ab";
const secretAccessKey = "abcdefg_0123456789ABCD";

describe("credentials digest", () => {
  const values = { accessKeyId, secretAccessKey };

  it("is the same for the same values and 10 hexadecimal digits long", () => {
    assert.equal(credentialsDigest(values, "salt"), credentialsDigest({ ...values }, "salt"));
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (id, key, salt) => {
        assert.match(credentialsDigest({ accessKeyId: id, secretAccessKey: key }, salt), /^[0-9a-f]{10}$/);
      }),
    );
  });

  it("stays what it was in the releases before, so that an update replaces no Secret", () => {
    assert.equal(credentialsDigest(values, "salt"), "c9560a10da");
    assert.equal(credentialsDigest({ ...values, anonymousIpSecretKey: "pepper" }, "salt"), "eeb2f7a350");
  });

  it("differs with each value, with the salt, and with the place of a character", () => {
    const triple = fc.tuple(
      fc.string(),
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
      fc.string(),
    );
    fc.assert(
      fc.property(triple, triple, (one, other) => {
        const digest = ([id, key, ip, salt]: typeof one): string =>
          credentialsDigest({ accessKeyId: id, secretAccessKey: key, anonymousIpSecretKey: ip }, `s${salt}`);
        assert.equal(digest(one) === digest(other), JSON.stringify(one) === JSON.stringify(other));
      }),
    );
    const moved = [
      credentialsDigest({ accessKeyId: "ab", secretAccessKey: "c" }, "salt"),
      credentialsDigest({ accessKeyId: "a", secretAccessKey: "bc" }, "salt"),
      credentialsDigest({ accessKeyId: "ab", secretAccessKey: "c", anonymousIpSecretKey: "" }, "salt"),
    ];
    assert.equal(new Set(moved).size, 3);
  });
});

describe("credentials Secret", () => {
  it("is named after the site, immutable and holds what is given", () => {
    const name = secretName("shop-prod", "0123456789");
    assert.equal(name, "sigsci.shop-prod-0123456789");
    const context = { namespace: "sigsci", labels: { team: "edge", app: "stolen" } };
    const values = { accessKeyId, secretAccessKey };
    assert.deepEqual(credentialsSecret(agentSettings("waf"), context, name, values), {
      metadata: {
        name,
        namespace: "sigsci",
        labels: { team: "edge", ...labels },
      },
      type: "Opaque",
      immutable: true,
      stringData: { accesskeyid: accessKeyId, secretaccesskey: secretAccessKey },
    });
    const salted = { ...values, anonymousIpSecretKey: "pepper" };
    assert.deepEqual(credentialsSecret(agentSettings("waf"), context, name, salted).stringData, {
      accesskeyid: accessKeyId,
      secretaccesskey: secretAccessKey,
      anonymousipsecretkey: "pepper",
    });
  });

  it("is found by the names of its keys", () => {
    assert.deepEqual(createdSecretReference("s", false), {
      name: "s",
      accessKeyIdKey: "accesskeyid",
      secretAccessKeyKey: "secretaccesskey",
      anonymousIpSecretKeyKey: undefined,
    });
    assert.equal(createdSecretReference("s", true).anonymousIpSecretKeyKey, "anonymousipsecretkey");
    assert.deepEqual(existingSecretReference({ name: "mine", secretAccessKeyKey: "key" }), {
      name: "mine",
      accessKeyIdKey: "accesskeyid",
      secretAccessKeyKey: "key",
    });
  });
});

describe("credentials problems", () => {
  const good = { site: "shop-prod", accessKeyId, secretAccessKey };
  const problemsOf = (given?: CredentialsArgs): ArgumentProblem[] => [
    ...credentialsShape(given ?? {}, "credentials"),
    ...credentialsProblems(given, "credentials"),
  ];

  function only(given?: CredentialsArgs): ArgumentProblem {
    const problems = problemsOf(given);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    const [problem] = problems;
    assert.ok(problem);
    return problem;
  }

  it("accepts keys with a site, or a Secret", () => {
    assert.deepEqual(problemsOf(good), []);
    assert.deepEqual(problemsOf({ existingSecret: { name: "sigsci.mine" } }), []);
    assert.deepEqual(
      problemsOf({ site: "shop", existingSecret: { name: "mine", accessKeyIdKey: "A_b.c-d" } }),
      [],
    );
  });

  it("refuses to have neither", () => {
    for (const given of [undefined, {}, { site: "shop" }]) {
      const problem = only(given);
      assert.equal(problem.path, "credentials");
      assert.match(problem.remedy, /site, accessKeyId and secretAccessKey .* or existingSecret/);
    }
  });

  it("refuses to have both", () => {
    const both = only({ ...good, existingSecret: { name: "mine" } });
    assert.equal(both.path, "credentials.existingSecret");
    assert.match(both.reason, /accessKeyId and secretAccessKey are given too/);
    const one = only({ accessKeyId, existingSecret: { name: "mine" } });
    assert.match(one.reason, /^accessKeyId is given too/);
  });

  it("refuses one key without the other, and keys without a site", () => {
    assert.equal(only({ site: "shop", accessKeyId }).path, "credentials.secretAccessKey");
    assert.equal(only({ site: "shop", secretAccessKey }).path, "credentials.accessKeyId");
    assert.deepEqual(only({ accessKeyId, secretAccessKey }).reason, "it is missing");
    assert.equal(only({ ...good, site: "" }).reason, "it is empty");
  });

  it("suggests a site that a name may have", () => {
    const suggestions: [string, string][] = [
      ["Shop_Prod", "shop-prod"],
      ["my site", "my-site"],
      [" shop", "shop"],
      ["Shop..EU", "shop.eu"],
      ["-shop-.-eu-", "shop.eu"],
    ];
    for (const [site, suggestion] of suggestions) {
      const problem = only({ ...good, site });
      assert.equal(problem.path, "credentials.site");
      assert.equal(problem.remedy, `The Secret is named after it: write "${suggestion}".`);
      assert.deepEqual(problemsOf({ ...good, site: suggestion }), []);
    }
    assert.match(only({ ...good, site: "___" }).remedy, /a lower-case name/);
    assert.match(only({ ...good, site: "s".repeat(236) }).reason, /235 are allowed/);
  });

  it("accepts only sites that make a valid name, and suggests only such", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9._-]{0,300}$/)), (site) => {
        const [problem] = problemsOf({ ...good, site });
        const suggestion = problem && /write "(.*)"\.$/s.exec(problem.remedy)?.[1];
        const usable = problem === undefined ? site : suggestion;
        if (usable !== undefined) {
          assert.equal(dnsSubdomain(secretName(usable, "0123456789")), undefined, usable);
        }
      }),
    );
  });

  it("finds slips of copying and never shows a key", () => {
    const slips: [string, RegExp][] = [
      ["", /empty/],
      ["   ", /empty/],
      ["hidden-key ", /at an end/],
      ["\nhidden-key", /at an end/],
      ["hidden-key\n", /at an end/],
      ["hidden key", /inside/],
    ];
    for (const [key, reason] of slips) {
      for (const field of ["accessKeyId", "secretAccessKey"] as const) {
        const problem = only({ ...good, [field]: key });
        assert.equal(problem.path, `credentials.${field}`);
        assert.match(problem.reason, reason);
        assert.ok(!JSON.stringify(problem).includes("hidden"));
      }
    }
    const same = only({ ...good, secretAccessKey: accessKeyId });
    assert.match(same.reason, /same as accessKeyId/);
    assert.ok(!JSON.stringify(same).includes(accessKeyId));
  });

  it("never shows a key, whatever is wrong", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (site, before, after) => {
        const marked = {
          site,
          accessKeyId: `${before}hidden-id${after}`,
          secretAccessKey: `${after}hidden-key${before}`,
        };
        for (const given of [marked, { ...marked, existingSecret: { name: "mine" } }]) {
          assert.ok(!JSON.stringify(problemsOf(given)).includes("hidden-"));
        }
      }),
    );
  });

  it("refuses names and keys that no Secret has", () => {
    const given: [CredentialsArgs["existingSecret"], string][] = [
      [{ name: "" }, "credentials.existingSecret.name"],
      [{ name: "My_Secret" }, "credentials.existingSecret.name"],
      [{ name: "mine", accessKeyIdKey: "a b" }, "credentials.existingSecret.accessKeyIdKey"],
      [{ name: "mine", secretAccessKeyKey: "" }, "credentials.existingSecret.secretAccessKeyKey"],
      [{ name: "mine", secretAccessKeyKey: "accesskeyid" }, "credentials.existingSecret.secretAccessKeyKey"],
    ];
    for (const [existingSecret, path] of given) {
      assert.equal(only({ existingSecret }).path, path);
    }
    // A JavaScript program may leave the name out, which the types do not allow.
    const nameless = { existingSecret: {} } as unknown as CredentialsArgs;
    assert.equal(only(nameless).reason, "it is missing, and has no default");
  });

  it("skips what is known only later", () => {
    const later = pulumi.output(" ");
    assert.deepEqual(problemsOf({ site: later, accessKeyId: later, secretAccessKey: later }), []);
    assert.deepEqual(problemsOf({ existingSecret: { name: later } }), []);
  });

  it("refuses a salt beside an existing Secret", () => {
    const agent = { options: { anonymousIpSecretKey: "hidden" } };
    const [problem, ...more] = anonymousIpSecretKeyProblems(
      { existingSecret: { name: "mine" } },
      agent,
      "agent",
    );
    assert.deepEqual(more, []);
    assert.equal(problem?.path, "agent.options.anonymousIpSecretKey");
    assert.match(problem.remedy, /SIGSCI_ANONYMOUS_IP_SECRET_KEY with valueFrom/);
    assert.ok(!JSON.stringify(problem).includes("hidden"));
    assert.deepEqual(anonymousIpSecretKeyProblems(good, agent, "agent"), []);
    assert.deepEqual(anonymousIpSecretKeyProblems({ existingSecret: { name: "mine" } }, {}, "agent"), []);
  });
});
