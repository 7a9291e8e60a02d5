export type ApiOptions = {
  /** Of the program, as package.json has it. */
  readonly version: string;
  /** Who messages come from. */
  readonly registryId: string;
  /** Of the topics that are ours: the part of their full names before the suffix and its dot. */
  readonly topicPrefix: string;
  /** Closes GraphQL introspection. */
  readonly production: boolean;
  /** Serves Consul's reads under `/consul`: the catalog is embedded, and nothing else answers them. */
  readonly catalog: boolean;
  /** Where the built console lies, to be served under `/console`; without it, or with nothing there, there is none. */
  readonly consoleDirectory?: string | null;
};

export const API_OPTIONS = Symbol('ApiOptions');
