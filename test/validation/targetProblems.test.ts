import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import type { InspectionRuleArgs, TargetArgs } from "../../src/args/targets";
import { targetsProblems } from "../../src/validation/targetProblems";
import { describeProblem } from "../../src/validation/problem";
import type { ArgumentProblem } from "../../src/validation/problem";
import { list } from "../../src/validation/shape";
import { targetShape } from "../../src/validation/shapes/targets";
import { anyRule } from "../enforcement/anyRule";

const web: TargetArgs = { name: "web", namespace: "shop", matchLabels: { app: "web" } };
const problemsOf = (targets: TargetArgs[]): ArgumentProblem[] => [
  ...list(targetShape)(targets, "targets"),
  ...targetsProblems(targets),
];
const messages = (...targets: TargetArgs[]): string[] => problemsOf(targets).map(describeProblem);
const withRule = (rule: InspectionRuleArgs): string[] => messages({ ...web, ...rule });

describe("targetsProblems", () => {
  it("accepts a target with labels, one without, and one whose namespace is known only later", () => {
    assert.deepEqual(messages(web, { name: "all", namespace: "web" }), []);
    assert.deepEqual(messages({ ...web, namespace: pulumi.output("Not Checked Yet") }), []);
  });

  it("accepts any well-formed rule, on the target and in rules", () => {
    fc.assert(
      fc.property(anyRule, anyRule, (first, second) => {
        assert.deepEqual(messages({ ...web, ...first }), []);
        assert.deepEqual(messages({ ...web, rules: [first, second] }), []);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses no targets", () => {
    assert.deepEqual(messages(), ["targets = []: nothing would be protected\n    Give at least one target."]);
  });

  it("refuses a second target of the same name", () => {
    assert.deepEqual(messages(web, { name: "other", namespace: "shop" }, { name: "web", namespace: "pay" }), [
      "targets[2].name = 'web': targets[0] has the same name\n" +
        "    Give each target a name of its own; it is part of the names of its objects.",
    ]);
  });

  it("refuses a second target for the same workloads, whatever the order of the labels", () => {
    const message =
      "targets[1]: targets[0] selects the same workloads, and Istio uses only one Telemetry for a workload\n" +
      "    Make it one target and list the conditions in its `rules`.";
    assert.deepEqual(
      messages(
        { name: "a", namespace: "shop", matchLabels: { app: "web", tier: "edge" } },
        { name: "b", namespace: "shop", matchLabels: { tier: "edge", app: "web" } },
      ),
      [message],
    );
    assert.deepEqual(messages({ name: "a", namespace: "shop" }, { name: "b", namespace: "shop" }), [message]);
  });

  it("accepts the same labels in other namespaces and namespaces known only later", () => {
    const later = pulumi.output("shop");
    assert.deepEqual(messages(web, { ...web, name: "pay", namespace: "pay" }), []);
    assert.deepEqual(messages({ ...web, namespace: later }, { ...web, name: "b", namespace: later }), []);
  });

  it("refuses a bad name and a bad namespace", () => {
    const reason =
      "only lower-case letters, digits and hyphens are allowed, with a letter or a digit at both ends";
    assert.deepEqual(messages({ ...web, name: "Web App", namespace: "-shop" }), [
      `targets[0].name = 'Web App': ${reason}\n    Use lower case letters, digits and hyphens.`,
      `targets[0].namespace = '-shop': ${reason}\n    Give the name of a Kubernetes namespace.`,
    ]);
    assert.deepEqual(messages({ ...web, name: "" }), [
      "targets[0].name = '': it is empty\n    Use lower case letters, digits and hyphens.",
    ]);
  });

  it("refuses empty matchLabels", () => {
    assert.deepEqual(messages({ ...web, matchLabels: {} }), [
      "targets[0].matchLabels = {}: no label is given, which would mean every workload of the namespace\n" +
        "    Leave it out if that is meant.",
    ]);
  });

  it("refuses bad label keys and values", () => {
    const reason =
      "only letters, digits, hyphens, underscores and dots are allowed, with a letter or a digit at both ends";
    assert.deepEqual(messages({ ...web, matchLabels: { "a b": "x", app: "web app" } }), [
      `targets[0].matchLabels["a b"] = 'x': as a key, ${reason}\n    Use a valid Kubernetes label key.`,
      `targets[0].matchLabels["app"] = 'web app': ${reason}\n    Use a valid Kubernetes label value.`,
    ]);
  });

  it("refuses conditions next to rules", () => {
    assert.deepEqual(messages({ ...web, paths: ["/a"], ports: [80], rules: [{}] }), [
      "targets[0].rules: paths, ports stand next to it\n    Move the conditions into `rules`, or remove `rules`.",
    ]);
    const headers = [{ name: "a", values: ["b"] }];
    assert.deepEqual(messages({ ...web, headers, rules: [{}] }), [
      "targets[0].rules: headers stand next to it\n    Move the conditions into `rules`, or remove `rules`.",
    ]);
  });

  it("refuses rules that are empty, but not an empty rule", () => {
    assert.deepEqual(messages({ ...web, rules: [] }), [
      "targets[0].rules = []: no request would be inspected\n    Leave it out to inspect all.",
    ]);
    assert.deepEqual(messages({ ...web, rules: [{}] }), []);
  });

  it("names the rule that holds the problem", () => {
    assert.deepEqual(messages({ ...web, rules: [{}, { methods: ["GET", "get"] }] }), [
      "targets[0].rules[1].methods[1] = 'get': HTTP methods are compared exactly, in capitals\n" +
        "    Write the method in capitals, for example POST.",
    ]);
  });

  it("reports everything at once", () => {
    const bad = { name: "A", namespace: "B", paths: ["x"], ports: [0] };
    assert.deepEqual(
      problemsOf([web, bad]).map((problem) => problem.path),
      ["targets[1].name", "targets[1].namespace", "targets[1].paths[0]", "targets[1].ports[0]"],
    );
  });
});

describe("the conditions of a target", () => {
  const literal = "Istio would take a * that is not at one end literally, so it would never match";
  const braces = "Istio refuses braces unless each segment of the path is {*}, {**} or plain characters";
  const template =
    "Envoy takes no path with [ or ] and the like for one that fits a template, so such requests would pass uninspected";
  const port =
    "a client chooses the port in the header Host, so requests with another one would pass uninspected";
  const paths: [string, string][] = [
    ["", "it is empty"],
    ["api", "a request path starts with /"],
    ["/a/*/b", literal],
    ["*a*", literal],
    ["**", literal],
    ["/a?b=c", "Istio compares the path without its query, so it would never match"],
    ["/a/{id}", braces],
    ["/a/{*}x", braces],
    ["/a/{*}/b*", braces],
    ["a/{*}", braces],
    ["/a//{*}", braces],
    ["/a/{**}/b/{*}", "Istio refuses {*} and {**} after {**}"],
    ["/{**}/{**}", "Istio refuses {*} and {**} after {**}"],
  ];
  const hosts: [string, string][] = [
    [" ", "it is empty"],
    ["shop.*.com", literal],
    ["*shop*", literal],
    ["https://shop.example.com", "a host has no scheme, path or blank beside it, so it would never match"],
    ["shop.example.com/cart", "a host has no scheme, path or blank beside it, so it would never match"],
  ];
  const everything = "it leaves out every request, so none would be inspected";
  const cases: {
    fields: (keyof InspectionRuleArgs)[];
    remedy: string;
    refused: [string | number, string][];
  }[] = [
    {
      fields: ["paths"],
      remedy: "Start with / and use * at one end only, for example /api/*, in place of a template.",
      refused: [...paths, ["/users/{*}/avatar", template], ["/users/{**}", template]],
    },
    {
      fields: ["notPaths"],
      remedy: "Start with / and use * at one end only, for example /api/*.",
      refused: [...paths, ["*", everything], ["/*", everything], ["/{**}", everything]],
    },
    {
      fields: ["methods", "notMethods"],
      remedy: "Write the method in capitals, for example POST.",
      refused: ["", "get", "GET POST", "G*T", "**"].map((value) => [
        value,
        "HTTP methods are compared exactly, in capitals",
      ]),
    },
    {
      fields: ["notMethods"],
      remedy: "Write the method in capitals, for example POST.",
      refused: [["*", everything]],
    },
    {
      fields: ["hosts"],
      remedy: "Write a host name without a port; use * at one end only. Every port matches.",
      refused: [
        ...hosts,
        ["shop.example.com:8443", port],
        ["*.example.com:443", port],
        ["[2001:db8::1]:80", port],
      ],
    },
    {
      fields: ["notHosts"],
      remedy: "Write a host name; use * at one end only, for example *.example.com.",
      refused: [...hosts, ["*", everything]],
    },
    {
      fields: ["ports", "notPorts"],
      remedy: "Use 1 to 65535, the port of the container.",
      refused: [
        [0, "a port is from 1 to 65535"],
        [-1, "a port is from 1 to 65535"],
        [65536, "a port is from 1 to 65535"],
        [80.5, "a port is a whole number"],
      ],
    },
    {
      fields: ["ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"],
      remedy: "Write an IP address or a CIDR block, for example 10.0.0.0/8.",
      refused: [
        "",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "2001:db8::/129",
        "fe80::1%eth0",
        "shop.example.com",
      ].map((value) => [value, "it is no IP address or CIDR block"]),
    },
  ];

  for (const { fields, remedy, refused } of cases) {
    for (const field of fields) {
      for (const [value, reason] of refused) {
        it(`refuses ${field} ${JSON.stringify(value)}`, () => {
          assert.deepEqual(problemsOf([{ ...web, [field]: [value] }]), [
            { path: `targets[0].${field}[0]`, value, reason, remedy },
          ]);
        });
      }
      it(`refuses an empty list of ${field}`, () => {
        assert.deepEqual(withRule({ [field]: [] }), [
          `targets[0].${field} = []: the list is empty\n    Leave it out.`,
        ]);
      });
    }
  }

  it("refuses empty lists in and of header conditions", () => {
    assert.deepEqual(withRule({ headers: [] }), [
      "targets[0].headers = []: the list is empty\n    Leave it out.",
    ]);
    assert.deepEqual(withRule({ headers: [{ name: "x", values: [], notValues: ["a"] }] }), [
      "targets[0].headers[0].values = []: the list is empty\n    Leave it out.",
    ]);
    assert.deepEqual(withRule({ headers: [{ name: "x", notValues: [] }] }), [
      "targets[0].headers[0].notValues = []: the list is empty\n    Leave it out.",
    ]);
  });

  it("refuses a header condition without values", () => {
    assert.deepEqual(withRule({ headers: [{ name: "x" }] }), [
      "targets[0].headers[0] = { name: 'x' }: it has neither values nor notValues\n" +
        '    Give values; ["*"] matches any value.',
    ]);
  });

  it("refuses bad header names and values", () => {
    assert.deepEqual(withRule({ headers: [{ name: "x y", values: ["a*b", ""], notValues: ["*c*"] }] }), [
      "targets[0].headers[0].name = 'x y': it is no HTTP header name\n" +
        "    Write one header name, for example content-type.",
      `targets[0].headers[0].values[0] = 'a*b': ${literal}\n    Use * at one end of a value only.`,
      "targets[0].headers[0].values[1] = '': it is empty\n    Use * at one end of a value only.",
      `targets[0].headers[0].notValues[0] = '*c*': ${literal}\n    Use * at one end of a value only.`,
    ]);
  });
});
