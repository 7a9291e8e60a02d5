/** The embedded database cannot be opened; the message says why, where, and how to mend it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}
