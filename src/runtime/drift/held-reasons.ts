/** Why what an audit found is not repaired. */
export const HELD_REASONS = [
  'cut_off',
  'no_record',
  'not_serving',
  'settling',
  'behind',
  'manual',
  'unknown_node',
  'newer_than_desired',
  'too_many_differ',
  'many_missing',
] as const;
export type HeldReason = (typeof HELD_REASONS)[number];

type Meaning = {
  /** `waits`: passes by itself. `operator`: only an operator can decide it. `nobody`: there is nothing to repair it with. */
  readonly decidedBy: 'waits' | 'operator' | 'nobody';
  /** In words, for those who have to do something about it. */
  readonly text: string;
};

const MEANINGS: Readonly<Record<HeldReason, Meaning>> = {
  cut_off: { decidedBy: 'waits', text: 'the audit did not come to its end; the next one tries again' },
  no_record: { decidedBy: 'waits', text: 'the journal of this registry is empty: nothing tells what is to be there' },
  not_serving: { decidedBy: 'waits', text: 'the backend does not serve now' },
  settling: { decidedBy: 'waits', text: 'the backend, or this process, has been there for a moment only' },
  behind: { decidedBy: 'waits', text: 'consumers have not read yet what was in the log when the audit began' },
  manual: {
    decidedBy: 'operator',
    text: 'repair is left to operators (DRIFT_REPAIR=manual): POST /v1/drift/repair does it',
  },
  unknown_node: {
    decidedBy: 'nobody',
    text: 'this registry never knew the node, so it has no record to repair it with',
  },
  newer_than_desired: {
    decidedBy: 'operator',
    text:
      'the backend holds a newer revision than this registry has given out, as after its state database was restored from an ' +
      'old backup. If the registry is right, POST /v1/drift/repair with "force": true',
  },
  too_many_differ: {
    decidedBy: 'operator',
    text:
      'so large a share of the entries is altered or a ghost that the record of this registry is rather the one that is wrong. ' +
      'If the registry is right, POST /v1/drift/repair with "force": true',
  },
  many_missing: {
    decidedBy: 'waits',
    text: 'a large share is missing: it is written again if the next audit still does not find it',
  },
};

export function decidedBy(reason: HeldReason): Meaning['decidedBy'] {
  return MEANINGS[reason].decidedBy;
}

export function heldText(reason: HeldReason): string {
  return MEANINGS[reason].text;
}
