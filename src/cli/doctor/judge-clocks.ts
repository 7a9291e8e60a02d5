import { fail, judged, warn, type Finding } from './finding.js';

/** How far a clock is ahead of ours, in milliseconds. `atLeast`: more than that could not be seen. */
export type Clock = { readonly of: string; readonly aheadMs: number; readonly atLeast?: boolean };

const NOTICEABLE_MS = 2000;
const HARMFUL_MS = 30_000;

/** The registry asks no two clocks the same question; people who compare times do. Decides alone. */
export function judgeClocks(clocks: readonly Clock[]): readonly Finding[] {
  if (clocks.length === 0) return [];
  const off = clocks.filter(({ aheadMs }) => Math.abs(aheadMs) >= NOTICEABLE_MS);
  const names = clocks.map(({ of }) => of).join(', ');
  return judged(
    'clocks',
    `${names}: within ${NOTICEABLE_MS / 1000} s of the clock here`,
    off.map((clock) =>
      (Math.abs(clock.aheadMs) >= HARMFUL_MS ? fail : warn)('clocks', {
        what: `the clock of ${clock.of} is ${amountOf(clock)} ${clock.aheadMs > 0 ? 'ahead of' : 'behind'} the clock here`,
        why: 'Deadlines run by the clock of the database, times in events come from Kafka: histories, --as-of and deadlines that are told would not fit together.',
        mend: 'Let every machine follow the same time servers (chrony, systemd-timesyncd); see which one is wrong with `date -u`.',
      }),
    ),
  );
}

function amountOf({ aheadMs, atLeast = false }: Clock): string {
  const seconds = Math.abs(aheadMs) / 1000;
  return `${atLeast ? 'at least ' : ''}${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}
