import type { JournalRow } from '../stores/rows.js';
import type { RepairMessage } from './observer.js';
import { wireMessage } from './observer.js';
import type { Invariant } from './invariant.js';
import { outputIds } from './nothing-committed-early.js';
import type { Wanted } from './workflow.js';

const REPAIRS = ['reassert', 'remove_ghost'];
const REFUSALS = ['ignore_stale', 'ignore_duplicate', 'ignore_unknown_node'];

export const everyRepairIsJournalled: Invariant = {
  name: 'every-repair-is-journalled',
  sentence:
    "Every repair that an audit asked for has its entry in the reducer's journal, with reassert, remove_ghost or the reason why not; it repairs only where what was judged by is desired still, and confirmed.",
  watch: (world, breach) => {
    const asked = new Map<string, RepairMessage>();
    const states = new Map<string, Wanted>();
    return {
      appended: ({ topic, message }) => {
        if (topic === 'evt.registry-drift-detected.v1' && message?.event_type === 'REGISTRY_DRIFT_DETECTED')
          asked.set(message.event_id, message as RepairMessage);
      },
      stored: (_rows, entries) => {
        for (const entry of entries) {
          if (entry.machine !== 'reducer') continue;
          const why = unlawful(entry, states.get(entry.nodeId));
          if (why !== null) breach(`${entry.rule} of ${entry.nodeId} (${entry.eventId}): ${why}`);
          if (entry.stateAfter !== null) states.set(entry.nodeId, JSON.parse(entry.stateAfter) as Wanted);
        }
      },
      atRest: () => {
        for (const [id, { payload }] of asked) {
          const entry = world.table.entries.get(`reducer ${payload.node_id} ${id}`);
          // Of a node that nobody ever knew nothing is kept.
          if (entry === undefined && !world.table.rows.has(`reducer ${payload.node_id}`)) continue;
          if (entry === undefined) breach(`the repair ${id} of ${payload.node_id} has no entry in the journal`);
          else if (![...REPAIRS, ...REFUSALS].includes(entry.rule)) breach(`the repair ${id} became ${entry.rule}`);
        }
      },
    };
  },
};

function unlawful({ rule, eventType, input, outputs }: JournalRow, before: Wanted | undefined): string | null {
  if (REPAIRS.includes(rule) !== (eventType === 'REGISTRY_DRIFT_DETECTED' && !REFUSALS.includes(rule))) {
    return `it follows from ${eventType}`;
  }
  if (!REPAIRS.includes(rule)) return null;
  const { backend, revision } = (wireMessage(Buffer.from(input)) as RepairMessage).payload;
  const desired = before?.desired ?? null;
  if ((desired?.revision ?? null) !== revision) {
    return `judged by revision ${revision ?? 'none'}, where ${desired?.revision ?? 'none'} is desired`;
  }
  if (before !== undefined && desired !== null && before[backend].confirmed !== desired.revision) {
    return `${backend} has not confirmed revision ${desired.revision}: its intent is on its way`;
  }
  return outputIds(outputs).length > 0 ? null : 'it asks no backend for anything';
}
