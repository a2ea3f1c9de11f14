import { at, listAt, textAt } from "../kubernetes/liveObject";
import type { RecordedResource } from "../offline/recordedResource";
import { redact } from "../offline/secretValue";
import { COMPONENT_TYPE } from "./externalMesh";
import type { Protection } from "./protections";

/** What a provider says of the checks by it. */
type ProviderChecks = Pick<Protection, "failOpen" | "sendsBodies">;

/** Protections with how requests are checked, also where a provider says it. */
export function withProviderChecks(
  protections: readonly Protection[],
  resources: readonly RecordedResource[],
): Protection[] {
  const providers = checksByProvider(resources);
  return protections.map((protection) => {
    const byProvider = providers.get(protection.provider ?? "");
    const { observed, failOpen = byProvider?.failOpen, sendsBodies = byProvider?.sendsBodies } = protection;
    return { ...protection, failOpen: observed || failOpen, sendsBodies };
  });
}

/** The providers of the components. */
function checksByProvider(resources: readonly RecordedResource[]): ReadonlyMap<string, ProviderChecks> {
  const providers = resources
    .filter(({ type }) => type === COMPONENT_TYPE)
    .flatMap(({ outputs }) => listAt({ providers: redact(outputs.extensionProviders) }, "providers"));
  return new Map(
    providers.flatMap((provider): [string, ProviderChecks][] => {
      const authorizer = at(provider, "envoyExtAuthzGrpc");
      const checks = {
        failOpen: at(authorizer, "failOpen") === true,
        sendsBodies: at(authorizer, "includeRequestBodyInCheck") !== undefined,
      };
      return authorizer === undefined ? [] : [[textAt(provider, "name") ?? "", checks]];
    }),
  );
}
