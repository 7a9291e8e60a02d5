import type { Input, Message, TopicSuffix } from '../../src/messages/index.js';
import type { LoadedRows, NodeRow } from '../../src/runtime/journal/rows.js';
import { StateCache } from '../../src/runtime/journal/state-cache.js';
import type { Decisions, Shared } from '../../src/runtime/lanes/decide-batch.js';
import type { Machine } from '../../src/runtime/lanes/machine.js';
import { contractOf } from './contracts.js';
import { machineNamed, messageIn, SHARED, Storage, taken } from './machines.js';

export const orchestrator = machineNamed('orchestrator');
export const reducer = machineNamed('reducer');

/** A reducer that refuses all that it is told. */
export const refusing = machineNamed('reducer', ({ id }) => ({
  id,
  decide: () => {
    throw new Error('password=s3cret is wrong');
  },
}));

/** The topics that the machine reads as steps; heartbeats pass by. */
export function topicsOf(name: 'orchestrator' | 'reducer'): readonly TopicSuffix[] {
  const { consumes } = contractOf(name);
  return consumes.filter(({ group }) => group !== 'heartbeats').map(({ topic }) => topic as TopicSuffix);
}

const TAKERS: ReadonlyMap<TopicSuffix, Machine> = new Map([
  ...topicsOf('orchestrator').map((topic) => [topic, orchestrator] as const),
  ...topicsOf('reducer').map((topic) => [topic, reducer] as const),
]);

/** Which of the two reads a topic. */
export const takerOf = (topic: TopicSuffix): Machine | null => TAKERS.get(topic) ?? null;

/** One process that runs both machines: what one says to the other is decided in the same transaction, from states as it has them. */
export class Together extends Storage {
  private readonly cache = new StateCache();

  take(machine: Machine, message: Input, shared: Partial<Shared> = {}): Decisions {
    const decisions = this.decideWith({ ...SHARED, takerOf, ...shared }, machine, taken(message));
    this.cache.stored(decisions.changes);
    return decisions;
  }

  override load(): LoadedRows {
    const { rows, outputs } = super.load();
    const live = [...rows].map(([key, row]): [string, NodeRow] => [
      key,
      { ...row, state: this.cache.get(key)?.state ?? row.state },
    ]);
    return { rows: new Map(live), outputs };
  }
}

/** The same by way of the log: every message is published, read, and decided for itself, from what is stored of a state. */
export class ByTheLog extends Storage {
  /** All that is published, in the order of the log. */
  take(machine: Machine, message: Input): readonly Message[] {
    const published: Message[] = [];
    const log: { readonly machine: Machine; readonly message: Input }[] = [{ machine, message }];
    for (let next = log.shift(); next !== undefined; next = log.shift()) {
      const { outgoing } = this.decide(next.machine, taken(next.message));
      for (const record of outgoing) {
        const read = messageIn(record);
        published.push(read);
        const taker = takerOf(record.topic);
        if (taker !== null) log.push({ machine: taker, message: { ...read, appendedAt: message.appendedAt } });
      }
    }
    return published;
  }
}
