/** The script of the SDK that runs this process. */
export function mainScript(): string {
  return require.main?.filename ?? process.argv[1] ?? "";
}

/**
 * Whether a script is Pulumi's component provider host, which constructs components for programs in other languages.
 *
 * @param script - Default: the one that runs this process.
 */
export function isComponentHost(script = mainScript()): boolean {
  return /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run-plugin([\\/]|$)/.test(script);
}
