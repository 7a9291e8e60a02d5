export type ApiOptions = {
  /** Of the program, as package.json has it. */
  readonly version: string;
  /** Who messages come from. */
  readonly registryId: string;
  /** Closes GraphQL introspection. */
  readonly production: boolean;
};

export const API_OPTIONS = Symbol('ApiOptions');
