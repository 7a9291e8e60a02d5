/** What a node says of itself. The whole of it is the record that others find. */
export type NodeDescription = {
  /** 1-255 letters, digits, `.`, `_` or `-`, beginning with a letter or digit. One process at a time has it. */
  readonly nodeId: string;
  readonly nodeType: 'effect' | 'compute' | 'reducer' | 'orchestrator';
  /** A semantic version. Default: `1.0.0`. */
  readonly nodeVersion?: string | undefined;
  /** Tags, or an object whose keys are the tags (unless their value is false or null), beside what its `operations` list. */
  readonly capabilities?: readonly string[] | Readonly<Record<string, unknown>> | undefined;
  /** Names with URLs, or a list of URLs (`api`, `api-2`, …). Others find address and port of `api`, else of `health`. */
  readonly endpoints?: readonly string[] | Readonly<Record<string, string>> | undefined;
  /** Any JSON object; kept as it is. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** URL at which the node tells how it is. */
  readonly healthEndpoint?: string | undefined;
};

/** What an update changes; what is not named stays, and undefined takes a field out. */
export type Changes = Partial<Omit<NodeDescription, 'nodeId' | 'nodeType'>> & {
  /** Why; default: `capability_change`. */
  readonly reason?: 'capability_change' | 'health_change';
};
