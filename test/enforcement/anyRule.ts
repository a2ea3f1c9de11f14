import fc from "fast-check";
import type { InspectionRuleArgs } from "../../src/args/targets";

const plain = { noNullPrototype: true } as const;
const texts = (values: string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: values.length });
const paths = texts(["/", "/api/*", "*.html", "*"]);
const notPaths = texts(["/", "/api/*", "*.html", "/v1/{*}/items/{**}"]);
const methods = texts(["GET", "POST", "PATCH", "*", "M-*"]);
const notMethods = texts(["GET", "POST", "PATCH", "M-*"]);
const hosts = texts(["shop.example.com", "shop.*", "*", "*.example.com"]);
const notHosts = texts(["shop.example.com", "*.example.com", "shop.*", "shop.example.com:8443"]);
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 });
const addresses = texts(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "0.0.0.0/0"]);
const values = texts(["a", "a*", "*a", "*"]);
const headers = fc.array(
  fc.oneof(
    fc.record({ name: fc.constantFrom("x-a", "x-b"), values }, plain),
    fc.record({ name: fc.constantFrom("x-c"), notValues: values }, plain),
    fc.record({ name: fc.constantFrom("x-d"), values, notValues: values }, plain),
  ),
  { minLength: 1, maxLength: 3 },
);

/** Any rule that is accepted: each condition may be there or not. */
export const anyRule: fc.Arbitrary<InspectionRuleArgs> = fc.record(
  {
    paths,
    notPaths,
    methods,
    notMethods,
    hosts,
    notHosts,
    ports,
    notPorts: ports,
    ipBlocks: addresses,
    notIpBlocks: addresses,
    remoteIpBlocks: addresses,
    notRemoteIpBlocks: addresses,
    headers,
  },
  { requiredKeys: [], ...plain },
);
