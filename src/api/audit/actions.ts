/** What callers can have the registry do. A name stands in the audit for ever: it is never changed, and never used for something else. */
export const AUDIT_ACTIONS = [
  'node.register',
  'node.deregister',
  'introspection.request',
  'dead-letter.redrive',
  'dead-letters.redrive',
  'dead-letter.release',
  'drift.repair',
  'expiry.release',
  'expiry.resume-protection',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Of what was refused and is no command. */
export const OTHER_REQUEST = 'request';
