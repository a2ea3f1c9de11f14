import { at, listAt, textAt } from "../kubernetes/liveObject";
import type { RecordedResource } from "../offline/recordedResource";
import { redact } from "../offline/secretValue";
import { COMPONENT_TYPE } from "./externalMesh";
import type { Protection } from "./protections";

/** Protections with what becomes of requests that the agent does not answer, also where a provider says it. */
export function withFailOpen(
  protections: readonly Protection[],
  resources: readonly RecordedResource[],
): Protection[] {
  const providers = failOpenByProvider(resources);
  return protections.map((protection) => {
    const { observed, provider = "", failOpen = providers.get(provider) } = protection;
    return { ...protection, failOpen: observed || failOpen };
  });
}

/** The providers of the components, with what they say about requests that the agent does not answer. */
function failOpenByProvider(resources: readonly RecordedResource[]): ReadonlyMap<string, boolean> {
  const providers = resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ outputs }) => listAt({ providers: redact(outputs.extensionProviders) }, "providers"));
  return new Map(
    providers.flatMap((provider): [string, boolean][] => {
      const authorizer = at(provider, "envoyExtAuthzGrpc");
      return authorizer === undefined
        ? []
        : [[textAt(provider, "name") ?? "", at(authorizer, "failOpen") === true]];
    }),
  );
}
