import type { EnvoyValue } from "./envoyFilterTypes";

/** A group of requests and the filter that they pass. */
export interface Choice {
  /** What the mark of the requests looks like, a `MetadataMatcher`; undefined for all requests. */
  mark: EnvoyValue | undefined;
  /** What is done with them. */
  action: EnvoyValue;
  /** What is done in its place with those of them that open a WebSocket. */
  webSocket: EnvoyValue | undefined;
}

/**
 * A composite filter: each request passes the filter of the first choice that it fits, or none.
 *
 * Source: Envoy, "Composite Filter" and "Unified Matcher API".
 */
export function chosenBy(choices: readonly Choice[]): EnvoyValue {
  return {
    "@type": "type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher",
    extension_config: {
      name: "envoy.filters.http.composite",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.composite.v3.Composite",
      },
    },
    xds_matcher: matcherOf(choices),
  };
}

/** The action that lets a request pass a filter, or a drawn share of the requests. */
export function executed(filter: EnvoyValue, fraction: EnvoyValue | undefined): EnvoyValue {
  return {
    name: "execute",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.composite.v3.ExecuteFilterAction",
      typed_config: filter,
      ...(fraction === undefined ? {} : { sample_percent: fraction }),
    },
  };
}

function matcherOf(choices: readonly Choice[]): EnvoyValue {
  const matchers = choices.flatMap(({ mark, action, webSocket }) => {
    const predicate = mark === undefined ? [] : [markPredicate(mark)];
    return [
      ...(webSocket === undefined ? [] : [matcher([...predicate, ...opensWebSocket], webSocket)]),
      ...(mark === undefined ? [] : [matcher(predicate, action)]),
    ];
  });
  const all = choices.find(({ mark }) => mark === undefined);
  return {
    ...(matchers.length === 0 ? {} : { matcher_list: { matchers } }),
    ...(all === undefined ? {} : { on_no_match: { action: all.action } }),
  };
}

function matcher(predicates: readonly EnvoyValue[], action: EnvoyValue): EnvoyValue {
  const predicate = predicates.length === 1 ? predicates[0] : { and_matcher: { predicate: [...predicates] } };
  return { predicate, on_match: { action } };
}

function markPredicate({ filter, path, value }: EnvoyValue): EnvoyValue {
  return {
    single_predicate: {
      input: {
        name: "mark",
        typed_config: {
          "@type":
            "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput",
          filter,
          path,
        },
      },
      custom_match: {
        name: "mark",
        typed_config: {
          "@type": "type.googleapis.com/envoy.extensions.matching.input_matchers.metadata.v3.Metadata",
          value,
        },
      },
    },
  };
}

/** What Envoy itself takes for a WebSocket handshake; a looser condition would let bodies pass unseen. */
const opensWebSocket: readonly EnvoyValue[] = [
  headerPredicate("upgrade", { exact: "websocket", ignore_case: true }),
  headerPredicate("connection", {
    safe_regex: { google_re2: {}, regex: "(?i)(.*,)?[ \\t]*upgrade[ \\t]*(,.*)?" },
  }),
];

function headerPredicate(name: string, match: EnvoyValue): EnvoyValue {
  return {
    single_predicate: {
      input: {
        name,
        typed_config: {
          "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
          header_name: name,
        },
      },
      value_match: match,
    },
  };
}
