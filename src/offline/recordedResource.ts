/** A property map in which secrets are `SecretValue` and unknown values `UNKNOWN`. */
export type Properties = Readonly<Record<string, unknown>>;

/** The resource options of one registration that change what the engine does. */
export interface RecordedOptions {
  /** as given, or inherited from the parent, as the engine does it */
  readonly retainOnDelete: boolean;
  /** as given, or inherited from the parent */
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** URN of the resource whose deletion includes this one, or undefined */
  readonly deletedWith: string | undefined;
  /** `URN::id` of an explicit provider, or undefined */
  readonly provider: string | undefined;
  /** number of aliases given */
  readonly aliases: number;
}

/** One resource a program registered or read. */
export interface RecordedResource {
  readonly urn: string;
  /** type token, for example `kubernetes:core/v1:Secret` */
  readonly type: string;
  /** logical name */
  readonly name: string;
  /** URN of the parent; undefined for resources directly in the stack */
  readonly parent: string | undefined;
  /** false for components */
  readonly custom: boolean;
  /** true if an existing object was read (`X.get`) instead of created */
  readonly isRead: boolean;
  /** id of the simulated or read object; undefined for components and in previews */
  readonly id: string | undefined;
  readonly inputs: Properties;
  /** outputs of the provider; for a component what it passed to `registerOutputs` */
  readonly outputs: Properties;
  /** URNs this resource waits for: `dependsOn` and the resources behind its inputs */
  readonly dependencies: readonly string[];
  readonly options: RecordedOptions;
}

/** One message of `pulumi.log`; debug messages are not recorded. */
export interface RecordedLog {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
  /** URN of the resource the message is about, or undefined */
  readonly urn: string | undefined;
}
