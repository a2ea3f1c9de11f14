import fc from "fast-check";
import type { ExtensionProvider } from "../../../src/mesh/extensionProvider";

/** A provider as the component writes it, with everything that may vary. */
export const extensionProviders: fc.Arbitrary<ExtensionProvider> = fc
  .record({
    name: fc.stringMatching(/^waf-[a-z0-9]{1,8}$/),
    service: fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}\.svc\.cluster\.local$/),
    port: fc.integer({ min: 1, max: 65535 }),
    failOpen: fc.boolean(),
    statusOnError: fc.option(fc.constantFrom("403", "503"), { nil: undefined }),
  })
  .map(({ name, service, port, failOpen, statusOnError }) => ({
    name,
    envoyExtAuthzGrpc: {
      service,
      port,
      timeout: "200ms",
      failOpen,
      ...(statusOnError === undefined ? {} : { statusOnError }),
      includeRequestBodyInCheck: { maxRequestBytes: 8192, allowPartialMessage: true, packAsBytes: true },
    },
  }));

const blockEntry = (indent: string, name: string, comments: boolean): string =>
  [
    ...(comments ? [`${indent}# about ${name}`] : []),
    `${indent}- name: ${name}${comments ? " # inline" : ""}`,
    `${indent}  zipkin:`,
    `${indent}      service: z.tracing`,
    `${indent}      port: 9411`,
    ...(comments ? [`${indent}  # after ${name}`, ""] : []),
  ].join("\n");

const otherKeys = fc.constantFrom(
  "accessLogFile: /dev/stdout",
  "# a comment of its own\nenablePrometheusMerge:   true   # odd spacing",
  'trustDomain: "cluster.local"',
  "defaultConfig:\n    proxyMetadata:\n        ISTIO_META_ENABLE_HBONE: 'true'",
  "accessLogFormat: |\n  [%START_TIME%] %REQ(:METHOD)%\n  second line\n",
  "accessLogEncoding: >-\n  TEXT",
  "caCertificates: []",
  "meshMTLS: { minProtocolVersion: TLSV1_2 } # flow",
  "rootNamespace: istio-system",
  "? ingressClass\n: istio",
);

const listStyles = [
  "absent",
  "emptyValue",
  "null",
  "tilde",
  "emptyFlow",
  "emptyFlowOfLines",
  "flow",
  "flowOfLines",
  "block",
  "quotedKey",
] as const;

interface ListWriting {
  style: (typeof listStyles)[number];
  names: string[];
  indent: string;
  comments: boolean;
}

function writeList({ style, names, indent, comments }: ListWriting): string[] {
  const flowEntry = (name: string): string => `{name: ${name}, zipkin: {service: z.tracing, port: 9411}}`;
  const blockList = (): string => names.map((name) => blockEntry(indent, name, comments)).join("\n");
  switch (style) {
    case "absent":
      return [];
    case "emptyValue":
      return [`extensionProviders:${comments ? "   # nothing yet" : ""}`];
    case "null":
      return [`extensionProviders:  null${comments ? " # nothing" : ""}`];
    case "tilde":
      return ["extensionProviders: ~"];
    case "emptyFlow":
      return [`extensionProviders: [ ]${comments ? " # nothing" : ""}`];
    case "flow":
      return [`extensionProviders: [ ${names.map(flowEntry).join(" , ")} ]`];
    case "emptyFlowOfLines":
      return [`extensionProviders: [${comments ? " # nothing" : ""}\n  ${comments ? "# here" : ""}\n]`];
    case "flowOfLines":
      return [
        [
          `extensionProviders: [${comments ? " # all of them" : ""}`,
          ...names.map((name) => `  ${flowEntry(name)},${comments ? ` # ${name}` : ""}`),
          "]",
        ].join("\n"),
      ];
    case "quotedKey":
      return [`"extensionProviders" :\n\n${blockList()}`];
    case "block":
      return [`extensionProviders:\n${blockList()}`];
  }
}

const lists = fc.record<ListWriting>({
  style: fc.constantFrom(...listStyles),
  names: fc.uniqueArray(fc.constantFrom("otel", "jaeger", "skywalking", "zipkin"), {
    minLength: 1,
    maxLength: 4,
  }),
  indent: fc.constantFrom("", "  ", "      "),
  comments: fc.boolean(),
});

/** Mesh texts as people and charts write them: styles, comments, line breaks and endings vary. */
export const meshTexts: fc.Arbitrary<string> = fc
  .record({
    before: fc.uniqueArray(otherKeys, { minLength: 1, maxLength: 4 }),
    after: fc.uniqueArray(otherKeys, { maxLength: 3 }),
    list: lists,
    header: fc.constantFrom("", "---\n", "# the mesh\n", "# the mesh\n---\n"),
    ending: fc.constantFrom("", "\n", "\n\n", "\n# the end", "\n# the end\n", "\n  \n", "\n...\n"),
    crlf: fc.boolean(),
  })
  .map(({ before, after, list, header, ending, crlf }) => {
    const tail = after.filter((key) => !before.includes(key));
    const text = header + [...before, ...writeList(list), ...tail].join("\n") + ending;
    return crlf ? text.replaceAll("\n", "\r\n") : text;
  });
