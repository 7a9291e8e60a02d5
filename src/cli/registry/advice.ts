/** What to do about a problem, by the last part of its type. Those whose detail says it all are not here. */
const ADVICE: Readonly<Record<string, string>> = {
  validation: 'Mend what is named above; --help shows what the command takes.',
  'node-not-found': 'rollcall nodes list -q TEXT finds ids that have the text in them.',
  'route-not-found':
    'This registry does not have it: an older release, or another program? rollcall doctor tells which.',
  'operation-not-found': 'Operations are kept for 7 days. rollcall nodes history ID has what became of a node.',
  'idempotency-key-in-use': 'Run the command again in some seconds.',
  'idempotency-key-reused': 'Take another --idempotency-key, or leave it out.',
  'dead-letter-not-found': 'rollcall dead-letters list shows those that there are.',
  'dead-letter-quarantined': 'Mend the reason first; then rollcall dead-letters release ID, or redrive with --force.',
  'redrive-under-way': 'Run the command again when the other redrive is done: nothing is sent twice.',
  'drift-repair-not-found': 'Repairs are kept for 7 days.',
  'payload-too-large': 'Leave out what the record does not need: metadata is kept as it is.',
  'state-unavailable': 'Try again later. rollcall doctor looks for what is missing.',
  'log-unavailable': 'Try again later; nothing was done. rollcall doctor looks for what is missing.',
  internal: 'Not your fault: the log of the registry has the reason.',
};

/** By status, where the type is not known: answers of proxies, and of releases to come. */
const BY_STATUS: Readonly<Record<number, string>> = {
  401: 'Give a token: --token-file FILE, or ROLLCALL_TOKEN.',
  403: 'Take a token with the role that is named, or ask an administrator for one.',
  429: 'Too many requests: try again later, or do less at once.',
};

export function adviceFor(status: number, type: string | undefined): readonly string[] {
  const advice = ADVICE[type?.split('/').at(-1) ?? ''] ?? BY_STATUS[status];
  return advice === undefined ? [] : [advice];
}
