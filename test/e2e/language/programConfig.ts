/** Stack configuration as the engine hands it over. */
export interface ProgramConfig {
  /** Values by `namespace:name`. */
  readonly config: ReadonlyMap<string, string>;
  /** Keys whose values are secrets. */
  readonly secretKeys: readonly string[];
}

/**
 * The environment variables from which the SDK reads stack configuration. Keys are spelt as the real host spells them,
 * for old SDKs: `namespace:config:name`.
 *
 * @param config - The configuration.
 */
export function configOf({ config, secretKeys }: ProgramConfig): {
  PULUMI_CONFIG: string;
  PULUMI_CONFIG_SECRET_KEYS: string;
} {
  const entries = [...config].map(([key, value]) => [key.replace(":", ":config:"), value]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
  };
}
