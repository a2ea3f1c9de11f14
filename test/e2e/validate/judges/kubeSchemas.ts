import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { askUrl } from "../../stack/http";
import { readKubeconfig } from "../../stack/kubeconfig";
import { fields, items, type Fields } from "./podTemplate";

const limitSeconds = 30;

/** A kind of object. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * Writes the JSON schema of a kind, as the API server publishes it for its own kinds and for installed definitions,
 * with one change: no field that it does not name is allowed.
 *
 * @param folder where `<group>-<version>-<kind>.json` is written, all in lower case; kubeconform calls the core group
 *   by its version
 * @throws Error when the API server does not publish it within 30 seconds
 */
export async function writeSchema(
  kubeconfig: string,
  { apiVersion, kind }: ObjectKind,
  folder: string,
): Promise<void> {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const deadline = Date.now() + limitSeconds * 1000;
  for (;;) {
    const schemas = await publishedSchemas(kubeconfig, apiVersion);
    const found = Object.keys(schemas).find((name) =>
      describes(fields(schemas[name]), { group, version, kind }),
    );
    if (found !== undefined) {
      const closed = Object.fromEntries(
        Object.entries(schemas).map(([name, one]) => [name, closedSchema(fields(one))]),
      );
      const schema = { $ref: `#/components/schemas/${found}`, components: { schemas: closed } };
      writeFileSync(
        join(folder, `${group || version}-${version}-${kind}.json`.toLowerCase()),
        JSON.stringify(schema),
      );
      return;
    }
    // The schemas of definitions that were installed a moment ago come a little later than the definitions.
    if (Date.now() > deadline) {
      throw new Error(`the API server publishes no schema of ${apiVersion} ${kind}`);
    }
    await delay(200);
  }
}

async function publishedSchemas(kubeconfig: string, apiVersion: string): Promise<Fields> {
  const { server, credentials } = readKubeconfig(kubeconfig);
  const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const { status, body } = await askUrl(`${server}/openapi/v3/${path}`, { credentials });
  const document: unknown = status === 200 ? JSON.parse(body) : {};
  return fields(fields(fields(document).components).schemas);
}

function describes(schema: Fields, wanted: { group: string; version: string; kind: string }): boolean {
  return items(schema["x-kubernetes-group-version-kind"]).some(
    ({ group, version, kind }) =>
      group === wanted.group && version === wanted.version && kind === wanted.kind,
  );
}

/** Only what describes values is closed: `oneOf`, `anyOf` and `not` name some of the fields, to tell them apart. */
function closedSchema(schema: Fields): Fields {
  const result: Record<string, unknown> = { ...schema };
  if (schema.items !== undefined) {
    result.items = closedSchema(fields(schema.items));
  }
  if (typeof schema.additionalProperties === "object") {
    result.additionalProperties = closedSchema(fields(schema.additionalProperties));
  }
  if (schema.properties === undefined) {
    return result;
  }
  result.properties = Object.fromEntries(
    Object.entries(fields(schema.properties)).map(([name, one]) => [name, closedSchema(fields(one))]),
  );
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (schema.additionalProperties === undefined && !isOpen) {
    result.additionalProperties = false;
  }
  return result;
}
