import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { integrationShape } from "../../src/validation/shapes/integration";
import { describeProblem } from "../../src/validation/problem";
import { closest } from "../../src/validation/closest";

const credentials = { site: "shop", accessKeyId: "AKID-4711", secretAccessKey: "SECRET-0815" };
const web = { name: "web", namespace: "shop" };
const messages = (args: unknown): string[] => integrationShape(args, "").map(describeProblem);
const withArgs = (args: object): string[] => messages({ credentials, targets: [web], ...args });
const asText = "`pulumi config set` takes it with `--type string`.";
const later = "it shapes which resources there are, so it must be a plain value\n    Do not pass an Output.";

describe("the types of the arguments", () => {
  it("are right in the smallest program and in a full one", () => {
    assert.deepEqual(withArgs({}), []);
    assert.deepEqual(
      withArgs({
        namespace: "waf",
        createNamespace: false,
        placement: "Service",
        enforcement: "AuthorizationPolicy",
        agent: {
          image: { version: "4.84.0", pullPolicy: "Always" },
          replicas: 1,
          options: { maxProcs: "2", wafDataLogAll: true, inspectionMaxContentLength: 1 },
          extraOptions: { "max-records": "5" },
          env: [{ name: "HTTPS_PROXY", value: "http://proxy" }],
          resources: { limits: { cpu: 1 } },
          networkPolicy: { fromNamespaces: ["shop"] },
        },
        inspection: { timeout: "1s", failOpen: false, body: { maxBytes: 1 } },
        mesh: { strategy: "Patch", revisions: ["default"], providerNames: { extAuthz: "a" }, adopt: true },
        targets: [
          {
            ...web,
            matchLabels: { a: "b" },
            rules: [{ ports: [80], headers: [{ name: "x", values: ["1"] }] }],
          },
        ],
        labels: { team: "sec" },
        annotations: {},
        teardown: true,
      }),
      [],
    );
  });

  it("may be undefined or deferred where that is allowed", () => {
    assert.deepEqual(
      withArgs({
        credentials: {
          ...credentials,
          accessKeyId: pulumi.secret("x"),
          secretAccessKey: Promise.resolve("y"),
        },
        namespace: pulumi.output("waf"),
        agent: undefined,
        targets: [{ name: "web", namespace: pulumi.output("shop"), matchLabels: undefined }],
        mesh: { istioNamespace: pulumi.output("istio-system") },
        labels: { team: pulumi.output("sec") },
      }),
      [],
    );
  });

  const wrong: [string, object, string][] = [
    [
      "a number for a string",
      { namespace: 5 },
      `namespace = 5: it must be a string\n    Write namespace: "5"; ${asText}`,
    ],
    [
      "a string for a number",
      { agent: { replicas: "2" } },
      `agent.replicas = '2': it must be a number, without quotes\n    Write replicas: 2.`,
    ],
    [
      "no number for a number",
      { agent: { port: NaN } },
      `agent.port = NaN: it must be a number, without quotes\n    Write port: 9999.`,
    ],
    [
      "a list for a number",
      { agent: { port: [8080, 8081] } },
      `agent.port: it must be a number, not a list\n    Write port: 9999.`,
    ],
    [
      "an Output for the name of a patch",
      { mesh: { configMapName: pulumi.output("istio") } },
      "mesh.configMapName: a preview refuses a patch whose name is not known yet, so it must be a plain string\n" +
        `    Name what installs Istio in the component's option dependsOn: { dependsOn: istiod }; the name stays "istio".`,
    ],
    [
      "a string for a boolean",
      { inspection: { failOpen: "true" } },
      `inspection.failOpen = 'true': it must be true or false, without quotes\n    Write failOpen: true.`,
    ],
    [
      "a list for an object",
      { inspection: [] },
      `inspection: it must be an object, not a list\n    Write inspection: { timeout: "200ms" }.`,
    ],
    [
      "a string for an object",
      { mesh: "Patch" },
      `mesh: it must be an object, not a string of 5 characters\n    Write mesh: { strategy: MeshConfigStrategy.Patch }.`,
    ],
    ["null for an object", { agent: null }, `agent = null: it must be an object\n    Leave it out.`],
    ["null for a string", { namespace: null }, `namespace = null: it must be a string\n    Leave it out.`],
    [
      "a string for a list",
      { targets: [{ ...web, paths: "/a" }] },
      `targets[0].paths = '/a': it must be a list\n    Write paths: ["/a"].`,
    ],
    [
      "an object for a list",
      { targets: { web } },
      `targets: it must be a list, not an object\n    Write targets: [{ name: "web", namespace: "shop" }].`,
    ],
    [
      "null for a list",
      { targets: null },
      `targets = null: it must be a list\n    Write targets: [{ name: "web", namespace: "shop" }].`,
    ],
    [
      "a wrong entry of a list",
      { targets: [{ ...web, ports: [80, "81"] }] },
      `targets[0].ports[1] = '81': it must be a number, without quotes\n    Write 81.`,
    ],
    [
      "a list for a map",
      { labels: ["a=b"] },
      `labels: it must be a map, not a list\n    Write labels: { a: "b" }.`,
    ],
    [
      "a wrong value of a map",
      { targets: [{ ...web, matchLabels: { app: 1 } }] },
      `targets[0].matchLabels["app"] = 1: it must be a string\n    Write "1"; ${asText}`,
    ],
    [
      "an unknown word",
      { placement: "Daemon" },
      `placement = 'Daemon': it must be one of "Service", "NodeLocal", "Sidecar"\n    Write placement: Placement.Service, Placement.NodeLocal or Placement.Sidecar.`,
    ],
    [
      "an unknown pull policy",
      { agent: { image: { pullPolicy: "always" } } },
      `agent.image.pullPolicy = 'always': it must be one of "Always", "IfNotPresent", "Never"\n    Write pullPolicy: ImagePullPolicy.Always.`,
    ],
    [
      "a list for an object of Kubernetes",
      { agent: { resources: [] } },
      `agent.resources: it must be an object, not a list\n    Write resources: { requests: { cpu: "1" }, limits: { cpu: "1" } }.`,
    ],
  ];
  for (const [what, args, message] of wrong) {
    it(`refuse ${what}`, () => {
      assert.deepEqual(withArgs(args), [message]);
    });
  }

  const plain: [string, object][] = [
    ["targets", { targets: pulumi.output([web]) }],
    ["targets[0]", { targets: [pulumi.output(web)] }],
    ["targets[0].name", { targets: [{ ...web, name: pulumi.output("web") }] }],
    ["targets[0].paths[0]", { targets: [{ ...web, paths: [pulumi.output("/a")] }] }],
    ["agent.replicas", { agent: { replicas: Promise.resolve(1) } }],
    ["inspection.failOpen", { inspection: { failOpen: pulumi.output(true) } }],
    ["mesh.strategy", { mesh: { strategy: pulumi.output("Patch") } }],
    ["labels", { labels: pulumi.output({}) }],
    ["teardown", { teardown: pulumi.output(false) }],
  ];
  for (const [path, args] of plain) {
    it(`refuse an Output as ${path}`, () => {
      assert.deepEqual(withArgs(args), [`${path}: ${later}`]);
    });
  }

  it("refuse an Output as credentials, and show the form that takes Outputs", () => {
    const refusal = messages({ credentials: pulumi.output({}), targets: [web] });
    assert.equal(refusal.length, 1);
    assert.match(
      refusal[0] ?? "",
      /^credentials: it shapes .*\n {4}Give each field as an Output: \{ site: "shop-prod", /,
    );
  });

  it("refuse missing arguments", () => {
    const missing = (path: string, form: string): string =>
      `${path}: it is missing, and has no default\n    Write ${form}.`;
    assert.deepEqual(messages({}), [
      missing("credentials", 'credentials: { site: "…", accessKeyId: "…", secretAccessKey: "…" }'),
      missing("targets", 'targets: [{ name: "web", namespace: "shop" }]'),
    ]);
    assert.deepEqual(messages({ credentials, targets: [{ namespace: undefined }] }), [
      missing("targets[0].name", 'name: "web"'),
      missing("targets[0].namespace", 'namespace: "shop"'),
    ]);
    assert.deepEqual(messages({ credentials: { existingSecret: {} }, targets: [web] }), [
      missing("credentials.existingSecret.name", 'name: "sigsci-keys"'),
    ]);
    assert.deepEqual(withArgs({ targets: [{ ...web, headers: [{ values: ["a"] }] }] }), [
      missing("targets[0].headers[0].name", 'name: "content-type"'),
    ]);
  });

  it("refuse anything but an object as the arguments", () => {
    const all =
      'Write { credentials: { site: "…", accessKeyId: "…", secretAccessKey: "…" }, ' +
      'targets: [{ name: "web", namespace: "shop" }] }.';
    assert.deepEqual(messages("waf"), [
      `(arguments): it must be an object, not a string of 3 characters\n    ${all}`,
    ]);
    assert.deepEqual(messages([{ credentials }]), [
      `(arguments): it must be an object, not a list\n    ${all}`,
    ]);
    assert.deepEqual(messages(pulumi.output({ credentials })), [`(arguments): ${later}`]);
  });

  it("refuse everything at once", () => {
    assert.deepEqual(
      integrationShape({ targets: [{ name: 1 }], teardown: "no", colour: 1 }, "").map(({ path }) => path),
      ["credentials", "targets[0].namespace", "targets[0].name", "teardown", "colour"],
    );
  });
});

describe("an unknown argument", () => {
  const namespaces =
    "targets[0].namespaces: a target is in one namespace\n    Give one target for each namespace: " +
    '[{ name: "web", namespace: "shop" }, { name: "api", namespace: "pay" }].';
  const unknown: [object, string][] = [
    [
      { replicas: 2 },
      "replicas: there is no such argument here; it is agent.replicas\n    Write agent: { replicas: 2 }.",
    ],
    [
      { failOpen: false },
      "failOpen: there is no such argument here; it is inspection.failOpen\n    Write inspection: { failOpen: false }.",
    ],
    [
      { agent: { failOpen: "no" } },
      "agent.failOpen: there is no such argument here; it is inspection.failOpen\n" +
        "    Write inspection: { failOpen: false }.",
    ],
    [
      { image: "testing" },
      "image: there is no such argument here; it is agent.image\n" +
        '    Write agent: { image: { tag: "testing" } }.',
    ],
    [
      { paths: ["/a"] },
      "paths: there is no such argument here; it is targets[].paths\n" +
        '    Write targets: [{ paths: ["/a"] }].',
    ],
    [
      { inspection: { maxBytes: 5 } },
      "inspection.maxBytes: there is no such argument here; it is inspection.body.maxBytes\n" +
        "    Write body: { maxBytes: 5 }.",
    ],
    [
      { secretAccessKey: "SECRET-0815" },
      "secretAccessKey: there is no such argument here; it is credentials.secretAccessKey\n" +
        '    Write credentials: { secretAccessKey: "…" }.',
    ],
    [
      { existingSecret: { name: "my-own" } },
      "existingSecret: there is no such argument here; it is credentials.existingSecret\n" +
        '    Write credentials: { existingSecret: { name: "my-own" } }.',
    ],
    [
      { options: { anonymousIpSecretKey: "SECRET-0815" } },
      "options: there is no such argument here; it is agent.options\n" +
        '    Write agent: { options: { anonymousIpSecretKey: "…" } }.',
    ],
    [{ targets: [{ ...web, namespaces: ["shop", "pay"] }] }, namespaces],
    [
      { targets: [{ ...web, labels: { app: "web" } }] },
      "targets[0].labels: there is no such argument\n    Did you mean matchLabels?",
    ],
    [
      { inspection: { failopen: true } },
      "inspection.failopen: there is no such argument\n    Did you mean failOpen?",
    ],
    [
      { agent: { shutdown: { constructor: 1 } } },
      "agent.shutdown.constructor: there is no such argument\n" +
        "    Known are: preStopSleepSeconds, terminationGracePeriodSeconds.",
    ],
    [
      { agent: { shutdown: { toString: 1 } } },
      "agent.shutdown.toString: there is no such argument\n" +
        "    Known are: preStopSleepSeconds, terminationGracePeriodSeconds.",
    ],
    [
      { credentials: { site: "shop", accessKeyId: "AKID-4711", secretKey: "SECRET-0815" } },
      "credentials.secretKey: there is no such argument\n    Did you mean secretAccessKey?",
    ],
    [{ target: [] }, "target: there is no such argument\n    Did you mean targets?"],
    [{ agent: { replica: 1 } }, "agent.replica: there is no such argument\n    Did you mean replicas?"],
    [
      { targets: [{ ...web, matchlabels: {} }] },
      "targets[0].matchlabels: there is no such argument\n    Did you mean matchLabels?",
    ],
    [
      { mesh: { providerNames: { authz: "x" } } },
      "mesh.providerNames.authz: there is no such argument\n    Known are: accessLog, extAuthz.",
    ],
    [
      { agent: { shutdown: { seconds: 1 } } },
      "agent.shutdown.seconds: there is no such argument\n" +
        "    Known are: preStopSleepSeconds, terminationGracePeriodSeconds.",
    ],
  ];
  for (const [args, message] of unknown) {
    it(`is refused: ${message.split(":")[0] ?? ""}`, () => {
      assert.deepEqual(withArgs(args), [message]);
    });
  }

  it("is taken for the one that is missing, if it is short for it", () => {
    const missing = 'targets[0].namespace: it is missing, and has no default\n    Write namespace: "shop".';
    assert.deepEqual(withArgs({ targets: [{ name: "web", ns: "shop" }] }), [
      missing,
      "targets[0].ns: there is no such argument\n    Did you mean namespace?",
    ]);
    const [, unknown] = withArgs({ targets: [{ name: "web", colour: "shop" }] });
    assert.match(unknown ?? "", /^targets\[0\]\.colour: there is no such argument\n {4}Known are: /);
  });

  it("is not noticed when it is undefined", () => {
    assert.deepEqual(withArgs({ colour: undefined }), []);
  });

  it("gets the nearest known name, if any is near", () => {
    assert.equal(closest("pahts", ["paths", "notPaths", "ports"]), "paths");
    assert.equal(closest("PORTS", ["paths", "ports"]), "ports");
    assert.equal(closest("colour", ["paths", "ports"]), undefined);
  });
});

describe("an object of Kubernetes", () => {
  const wrong: [object, string][] = [
    [
      { tolerations: [{ keys: "x" }] },
      "tolerations[0].keys: there is no such argument\n    Did you mean key?",
    ],
    [{ env: [{ name: "A", val: "x" }] }, "env[0].val: there is no such argument\n    Did you mean value?"],
    [
      { resources: { cpu: "1" } },
      "resources.cpu: it stands under requests or limits\n" +
        '    Write resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } }.',
    ],
    [
      { affinity: { podAntiAfinity: {} } },
      "affinity.podAntiAfinity: there is no such argument\n    Did you mean podAntiAffinity?",
    ],
    [
      { podSecurityContext: { secompProfile: {} } },
      "podSecurityContext.secompProfile: there is no such argument\n    Did you mean seccompProfile?",
    ],
    [
      { podSecurityContext: { runAsUser: "1000" } },
      "podSecurityContext.runAsUser = '1000': it must be a number, without quotes\n    Write runAsUser: 1000.",
    ],
  ];
  for (const [agent, message] of wrong) {
    it(`is refused with a field that looks misspelt or misplaced: ${JSON.stringify(agent)}`, () => {
      assert.deepEqual(withArgs({ agent }), [`agent.${message}`]);
    });
  }

  it("may have null for what is left out", () => {
    const agent = {
      podSecurityContext: {
        runAsUser: null,
        seccompProfile: { type: "RuntimeDefault", localhostProfile: null },
      },
      tolerations: [{ key: "a", operator: "Exists", value: null, tolerationSeconds: null }],
      env: [
        { name: "A", value: "x", valueFrom: null },
        {
          name: "SIGSCI_UPLOAD_INTERVAL",
          value: null,
          valueFrom: { fieldRef: { fieldPath: "status.hostIP" } },
        },
      ],
      resources: { limits: { cpu: null, memory: "1Gi" }, requests: null },
      affinity: { nodeAffinity: null },
    };
    assert.deepEqual(withArgs({ agent }), []);
    assert.deepEqual(withArgs({ agent: { env: [{ name: null }] } }), [
      'agent.env[0].name: a variable needs a name\n    Write a name such as "HTTPS_PROXY".',
    ]);
  });

  it("may have fields of a newer Kubernetes, and parts that are known later", () => {
    const agent = {
      podSecurityContext: { userNamespaceMode: "x" },
      tolerations: [pulumi.output({ keys: "x" }), { key: pulumi.output("x") }],
      resources: { limits: pulumi.output({ cpu: "1" }) },
    };
    assert.deepEqual(withArgs({ agent }), []);
  });
});

describe("the advice about an object of the agent", () => {
  const terms = '[{ matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] }]';
  const wrong: [object, string, string][] = [
    [{ image: 4.84 }, "image", 'Write image: { version: "4.84.0" }.'],
    [{ image: true }, "image", 'Write image: { version: "4.84.0" }.'],
    [{ image: null }, "image", "Leave it out."],
    [{ image: { name: "waf/agent" } }, "image.name", "Did you mean repository?"],
    [{ startupProbe: { port: "http" } }, "startupProbe.port", "Write port: 2024."],
    [{ startupProbe: false }, "startupProbe", "Write startupProbe: { enabled: false }."],
    [{ env: [{ name: "A", valueFrom: "x" }] }, "env[0].valueFrom", secretKey("valueFrom: ")],
    [
      { env: [{ name: "A", valueFrom: { configMapKeyRef: "…" } }] },
      "env[0].valueFrom.configMapKeyRef",
      'Write configMapKeyRef: { name: "proxy", key: "url" }.',
    ],
    [
      { affinity: "x" },
      "affinity",
      "Write affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: " +
        `{ nodeSelectorTerms: ${terms} } } }.`,
    ],
    [
      { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: "…" } } },
      "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution",
      'Write requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: "web" } }, ' +
        'topologyKey: "kubernetes.io/hostname" }].',
    ],
    [{ podSecurityContext: "x" }, "podSecurityContext", "Write podSecurityContext: { runAsNonRoot: true }."],
    [{ podSecurityContext: true }, "podSecurityContext", "Write podSecurityContext: { runAsNonRoot: true }."],
  ];
  function secretKey(before: string): string {
    return `Write ${before}{ secretKeyRef: { name: "proxy", key: "url" } }.`;
  }
  for (const [agent, path, remedy] of wrong) {
    it(`is one that the agent runs with: ${JSON.stringify(agent)}`, () => {
      const problems = integrationShape({ credentials, targets: [web], agent }, "");
      assert.deepEqual(
        problems.map((problem) => [problem.path, problem.remedy]),
        [[`agent.${path}`, remedy]],
      );
    });
  }

  it("takes capabilities away", () => {
    for (const capabilities of [["ALL"], "ALL", []]) {
      const problems = integrationShape(
        { credentials, targets: [web], sidecar: { securityContext: { capabilities } } },
        "",
      );
      assert.deepEqual(
        problems.map(({ remedy }) => remedy),
        ['Write capabilities: { drop: ["ALL"] }.'],
      );
    }
  });
});

describe("an image as text", () => {
  const sha = `sha256:${"a".repeat(64)}`;
  const images: [string, string][] = [
    ["signalsciences/sigsci-agent:4.84.0", '{ version: "4.84.0" }'],
    [
      "registry.example.com:5000/waf/agent:4.84.0",
      '{ repository: "registry.example.com:5000/waf/agent", version: "4.84.0" }',
    ],
    ["waf/agent:main", '{ repository: "waf/agent", tag: "main" }'],
    [`waf/agent@${sha}`, `{ repository: "waf/agent", digest: "${sha}" }`],
    ["waf/agent", '{ repository: "waf/agent" }'],
    ["4.84.0", '{ version: "4.84.0" }'],
    ["main", '{ tag: "main" }'],
    ["v4.84", '{ version: "4.84.0" }'],
    ["4.84", '{ version: "4.84.0" }'],
    ["no image", '{ version: "4.84.0" }'],
  ];
  for (const [image, right] of images) {
    it(`is refused with its parts: ${image.slice(0, 50)}`, () => {
      assert.deepEqual(withArgs({ agent: { image } }), [
        describeProblem({
          path: "agent.image",
          reason: `it must be an object, not a string of ${image.length} characters`,
          remedy: `Write image: ${right}.`,
        }),
      ]);
    });
  }
});

describe("a condition that Istio refuses in a CUSTOM policy", () => {
  const identity = "an AuthorizationPolicy with action CUSTOM cannot match on identities; Istio refuses it";
  const claims = "an AuthorizationPolicy with action CUSTOM cannot match on JWT claims; Istio refuses it";
  const source =
    "an AuthorizationPolicy with action CUSTOM cannot match on source namespaces; Istio refuses it";
  const reasons: Record<string, string> = {
    principals: identity,
    notPrincipals: identity,
    serviceAccounts: identity,
    notServiceAccounts: identity,
    trustDomains: identity,
    notTrustDomains: identity,
    requestPrincipals: claims,
    notRequestPrincipals: claims,
    notNamespaces: source,
    when: "conditions other than on headers, such as JWT claims and identities, cannot be used with action CUSTOM",
  };
  for (const [name, reason] of Object.entries(reasons)) {
    it(`is refused with its reason: ${name}`, () => {
      assert.deepEqual(withArgs({ targets: [{ ...web, [name]: ["x"] }] }), [
        `targets[0].${name}: ${reason}\n    Remove it.`,
      ]);
      assert.deepEqual(withArgs({ targets: [{ ...web, rules: [{ [name]: ["x"] }] }] }), [
        `targets[0].rules[0].${name}: ${reason}\n    Remove it.`,
      ]);
    });
  }
});

describe("a secret of a wrong type or in a wrong place", () => {
  const secret = "SECRET-0815";
  const places: [string, object][] = [
    ["a number as a key", { credentials: { ...credentials, accessKeyId: 815 } }],
    ["a key in a list", { credentials: { ...credentials, secretAccessKey: [secret] } }],
    ["a key as credentials", { credentials: secret }],
    ["credentials in a list", { credentials: [credentials] }],
    ["a key as the existing Secret", { credentials: { existingSecret: secret } }],
    [
      "a key in a list as the name of the existing Secret",
      { credentials: { existingSecret: { name: [secret] } } },
    ],
    ["a salt in an object", { agent: { options: { anonymousIpSecretKey: { value: secret } } } }],
    ["options in a list", { agent: { options: [{ anonymousIpSecretKey: secret }] } }],
    ["an agent in a list", { agent: [{ options: { anonymousIpSecretKey: secret } }] }],
    ["a variable as NAME=value", { agent: { env: [`TOKEN=${secret}`] } }],
    ["variables as a map", { agent: { env: { TOKEN: secret } } }],
    ["variables as text", { agent: { env: `TOKEN=${secret}` } }],
    ["a token as preflight", { preflight: secret }],
    ["options as text", { agent: { options: `anonymous-ip-secret-key=${secret}` } }],
    ["options by their names as text", { agent: { extraOptions: `secretaccesskey=${secret}` } }],
    ["options by their names in a list", { agent: { extraOptions: [`new-token=${secret}`] } }],
    ["an image with a password", { agent: { image: `https://user:${secret}@example.com/agent` } }],
    ["annotations of the pods as text", { agent: { podAnnotations: `token=${secret}` } }],
    ["annotations of the pods in a list", { agent: { podAnnotations: [`token=${secret}`] } }],
    ["an annotation under a wrong key", { annotations: { "my token": secret } }],
    ["an annotation of the pods under a wrong key", { agent: { podAnnotations: { "my token": secret } } }],
    ["a number as an annotation", { annotations: { token: 815 } }],
    ["annotations as text", { annotations: `token=${secret}` }],
    ["an unknown argument", { credentials: { ...credentials, secretKey: secret } }],
  ];
  for (const [what, args] of places) {
    it(`is not shown: ${what}`, () => {
      const problems = integrationShape({ credentials, targets: [web], ...args }, "");
      assert.equal(problems.length, 1);
      assert.ok(!JSON.stringify(problems).includes("815"), JSON.stringify(problems));
      assert.ok(!problems.map(describeProblem).join().includes("815"));
    });
  }

  it("is not shown when the arguments as a whole are wrong", () => {
    const problems = integrationShape([{ credentials }], "");
    assert.equal(problems.length, 1);
    assert.ok(!JSON.stringify(problems).includes("815"));
  });
});
