import type { JournalRow } from '../stores/rows.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import { wireMessage } from './observer.js';

type Said = { readonly reason?: string; readonly incarnation?: number };

export const noResurrection: Invariant = {
  name: 'no-resurrection',
  sentence:
    "A node that was deregistered comes back only by a message that was never decided before, and that is an operator's REGISTER_NODE, a startup, or an introspection with a newer incarnation.",
  watch: (world, breach) => ({
    stored: (_rows, entries) => {
      for (const entry of entries) {
        const gone = entry.fromStatus === 'deregistering' || entry.fromStatus === 'deregistered';
        if (entry.machine !== 'orchestrator' || !gone || entry.toStatus !== 'pending_registration') continue;
        const why = unlawful(world, entry);
        if (why !== null)
          breach(`${entry.nodeId} came back from ${entry.fromStatus} by ${entry.eventType} ${entry.eventId}, ${why}`);
      }
    },
  }),
};

function unlawful(world: World, entry: JournalRow): string | null {
  // One transaction may hold what came behind it, too.
  const all = world.table.journal.get(`orchestrator ${entry.nodeId}`) ?? [];
  const earlier = all.filter(({ version }) => version < entry.version);
  if (earlier.some(({ eventId }) => eventId === entry.eventId)) return 'which was decided before';
  if (entry.eventType === 'REGISTER_NODE') return null;
  const { reason, incarnation } = said(entry);
  if (reason === 'startup') return null;
  const known = earlier.filter(({ stateAfter }) => stateAfter !== null).at(-1);
  const { record } = JSON.parse(known?.stateAfter ?? '{}') as { record?: { incarnation?: number | null } };
  return (incarnation ?? 0) > (record?.incarnation ?? Infinity)
    ? null
    : `whose reason is ${reason ?? 'none'} and incarnation no newer`;
}

function said({ input }: JournalRow): Said {
  return (wireMessage(Buffer.from(input))?.payload ?? {}) as Said;
}
