import { createHash } from "node:crypto";
import { isWireSecret, WIRE_UNKNOWN, wireSecret, type WireProperties } from "./wireValue";

/** What a program asks a provider to create. */
export interface CreateRequest {
  readonly type: string;
  /** logical name */
  readonly name: string;
  readonly inputs: WireProperties;
  readonly preview: boolean;
}

/** A provider's answer: the id (undefined while previewing) and all properties, in the protocol's form. */
export interface CreateAnswer {
  readonly id: string | undefined;
  readonly state: WireProperties;
}

// Kinds without a namespace, as far as programs commonly create them; all others get `default` if they name none.
const CLUSTER_SCOPED = new Set(
  `Namespace Node PersistentVolume ClusterRole ClusterRoleBinding CustomResourceDefinition PriorityClass StorageClass
  IngressClass GatewayClass RuntimeClass APIService ValidatingWebhookConfiguration MutatingWebhookConfiguration
  ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding
  CSIDriver`.split(/\s+/),
);

/** True if objects of this Kubernetes kind live outside namespaces. */
export function isClusterScoped(kind: string): boolean {
  return CLUSTER_SCOPED.has(kind);
}

/** `length` bytes that depend on nothing but the text, so that two runs of one program give the same ids. */
function stableBytes(text: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash("sha256").update(`${index}:${text}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

/** The name Kubernetes auto-naming would give, with a suffix that is the same in every run. */
export function autoName(logicalName: string): string {
  return `${logicalName}-${stableBytes(logicalName, 4).toString("hex")}`;
}

function unwrapped(value: unknown): unknown {
  return isWireSecret(value) ? value.value : value;
}

/** The text of a property that should be text; undefined for anything else. */
function text(value: unknown): string | undefined {
  const inner = unwrapped(value);
  return typeof inner === "string" && inner !== "" ? inner : undefined;
}

function asObject(value: unknown): WireProperties {
  const inner = unwrapped(value);
  return typeof inner === "object" && inner !== null ? { ...inner } : {};
}

/** Name and namespace the provider adds to an object that leaves them out. */
function defaultMetadata(request: CreateRequest, kind: string, metadata: WireProperties): WireProperties {
  const isPatch = request.type.endsWith("Patch") && !kind.endsWith("Patch");
  const isNamed = text(metadata.name) !== undefined;
  if (isPatch && !isNamed) {
    throw new Error(`a patch needs metadata.name: it is the name of the ${kind} to change`);
  }
  return {
    ...(isNamed ? {} : { name: autoName(request.name) }),
    ...(isClusterScoped(kind) || text(metadata.namespace) !== undefined ? {} : { namespace: "default" }),
  };
}

function createKubernetesObject(request: CreateRequest): CreateAnswer {
  const { inputs, preview } = request;
  const kind = text(inputs.kind) ?? "";
  const given = asObject(inputs.metadata);
  const added = defaultMetadata(request, kind, given);
  const metadata = { ...given, ...added };
  const marked = isWireSecret(inputs.metadata) ? wireSecret(metadata) : metadata;
  const state = Object.keys(added).length === 0 ? inputs : { ...inputs, metadata: marked };
  const [name, namespace] = [text(metadata.name) ?? "", text(metadata.namespace)];
  if (preview || name === WIRE_UNKNOWN) {
    return { id: undefined, state };
  }
  return { id: namespace === undefined ? name : `${namespace}/${name}`, state };
}

const RANDOM_PREFIX = "random:index/";

/** The results of `@pulumi/random`, derived from the logical name instead of drawn. */
function createRandomValue({ type, name, inputs, preview }: CreateRequest): CreateAnswer {
  if (preview) {
    return { id: undefined, state: inputs };
  }
  const kind = type.slice(type.lastIndexOf(":") + 1);
  if (kind === "RandomId") {
    const bytes = stableBytes(name, Number(unwrapped(inputs.byteLength)));
    const prefix = text(inputs.prefix) ?? "";
    const hex = bytes.toString("hex");
    const results = {
      hex: prefix + hex,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + bytes.toString("base64url"),
    };
    return { id: bytes.toString("base64url"), state: { ...inputs, ...results } };
  }
  const length = Number(unwrapped(inputs.length) ?? 16);
  const result = stableBytes(name, length).toString("hex").slice(0, length);
  if (kind === "RandomPassword") {
    return { id: "none", state: { ...inputs, result: wireSecret(result) } };
  }
  return { id: result, state: { ...inputs, result } };
}

/**
 * Answers a registration the way the real provider would, as far as it can be known without a cluster: Kubernetes
 * objects echo their inputs with name and namespace filled in (id `namespace/name`), random resources give results
 * derived from their logical name, everything else echoes its inputs. Deterministic: no clock, no random source.
 * @throws Error if the real provider would refuse the inputs (a patch without a name)
 */
export function simulateCreate(request: CreateRequest): CreateAnswer {
  const { type, name, inputs, preview } = request;
  const isObject =
    type.startsWith("kubernetes:") && inputs.apiVersion !== undefined && inputs.kind !== undefined;
  if (isObject) {
    return createKubernetesObject(request);
  }
  if (type.startsWith(RANDOM_PREFIX)) {
    return createRandomValue(request);
  }
  return { id: preview ? undefined : `${name}-id`, state: inputs };
}
