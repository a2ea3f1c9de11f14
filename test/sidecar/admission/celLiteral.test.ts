import assert from "node:assert/strict";
import fc from "fast-check";
import { celLiteral, celText } from "../../../src/sidecar/admission/celLiteral";

// Source: CEL, "Language Definition", escape sequences.
const escapes = /^(?:[^\\]|\\(?:[abfnrtv\\?"'`]|u[0-9A-Fa-f]{4}))*$/u;

/** The data that a literal stands for, read back by way of JSON. */
function read(literal: string): unknown {
  const token = /"(?:[^"\\]|\\.)*"|Object(?:\.\w+)*(?=\{)|dyn\(((?:"(?:[^"\\]|\\.)*"|[^)]*))\)|\w+(?=: )/g;
  const json = literal.replace(token, (found, inner?: string) =>
    found.startsWith('"') ? found : found.startsWith("Object") ? "" : (inner ?? JSON.stringify(found)),
  );
  return JSON.parse(json);
}

describe("plain data as an expression of CEL", () => {
  it("names the type of each object by its path, and keeps maps and lists of one type", () => {
    const container = {
      name: "a",
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
      ports: [],
      resources: { limits: { cpu: "1", "example.com/gpu": "2" } },
      readOnly: true,
      left: undefined,
      out: null,
      port: 9999,
    };
    assert.equal(
      celLiteral(container, "Object.spec.initContainers"),
      [
        "Object.spec.initContainers{",
        '  name: "a",',
        "  env: [",
        "    Object.spec.initContainers.env{",
        '      name: "A",',
        "      valueFrom: Object.spec.initContainers.env.valueFrom{",
        "        secretKeyRef: Object.spec.initContainers.env.valueFrom.secretKeyRef{",
        '          name: "s",',
        '          key: "k"',
        "        }",
        "      }",
        "    }",
        "  ],",
        "  ports: [],",
        "  resources: Object.spec.initContainers.resources{",
        "    limits: {",
        '      "cpu": "1",',
        '      "example.com/gpu": "2"',
        "    }",
        "  },",
        "  readOnly: true,",
        "  port: 9999",
        "}",
      ].join("\n"),
    );
  });

  it("says of a map that its values differ in type, and quotes words of the language", () => {
    assert.equal(celLiteral({ "a/b": 1, c: "2" }, "Object.x"), '{\n  "a/b": dyn(1),\n  "c": dyn("2")\n}');
    assert.equal(celLiteral({ in: "1" }, "Object.x"), '{\n  "in": "1"\n}');
    assert.equal(celLiteral({}, "Object.spec.volumes.emptyDir"), "Object.spec.volumes.emptyDir{}");
  });

  it("escapes every text as CEL and JSON both understand it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const literal = celText(text);
        assert.match(literal, escapes);
        assert.equal(JSON.parse(literal), text);
      }),
    );
  });

  it("stands for the data that went in", () => {
    const key = fc.constantFrom("name", "value", "key", "a.b/c", "cpu");
    const scalar = fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean());
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.array(fc.dictionary(fc.constantFrom("name", "value"), tie("any"))),
        fc.dictionary(fc.constantFrom("name", "value", "env"), tie("any")),
        fc.dictionary(key, fc.string({ unit: "binary" })),
      ),
    })).any;
    fc.assert(
      fc.property(value, (data) => {
        assert.deepEqual(read(celLiteral(data, "Object.spec")), JSON.parse(JSON.stringify(data)));
      }),
    );
  });
});
