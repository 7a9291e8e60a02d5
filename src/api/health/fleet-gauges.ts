import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { NODE_TYPES } from '../../messages/index.js';
import { LOG, METRICS, STATE_DATABASE, type Database, type Log } from '../../runtime/index.js';
import { countNodes } from '../read/count-nodes.js';
import { NODE_STATES } from '../read/node.js';
import { Occasionally } from '../read/occasionally.js';

const COUNTED = { what: 'the fleet', everyMs: 15_000, waitsForMs: 1000, restsFor: 100 } as const;
/** Nodes that named no type that exists. */
const UNKNOWN = 'unknown';

/** How many nodes there are, counted when somebody reads the metrics. Every replica tells the same: they share the table. */
@Injectable()
export class FleetGauges {
  private readonly nodes: Gauge<'state' | 'node_type'>;

  constructor(
    @Inject(STATE_DATABASE) private readonly database: Database,
    @Inject(METRICS) registry: Registry,
    @Inject(LOG) log: Log,
  ) {
    const counting = new Occasionally(() => this.count(), COUNTED, log);
    this.nodes = new Gauge({
      name: 'rollcall_nodes',
      help: 'Nodes by state and type, every node that is known, also those that are gone; the same in every process',
      labelNames: ['state', 'node_type'],
      registers: [registry],
      collect: () => counting.refresh(),
    });
  }

  private async count(): Promise<void> {
    const counts = await countNodes(this.database);
    // A state that has emptied shows 0, and not what it was.
    for (const state of NODE_STATES) for (const type of [...NODE_TYPES, UNKNOWN]) this.set(state, type, 0);
    const unknown = new Map<string, number>();
    for (const { state, nodeType, count } of counts) {
      if (NODE_TYPES.some((type) => type === nodeType)) this.set(state, nodeType ?? UNKNOWN, count);
      else unknown.set(state, (unknown.get(state) ?? 0) + count);
    }
    for (const [state, count] of unknown) this.set(state, UNKNOWN, count);
  }

  private set(state: string, type: string, count: number): void {
    this.nodes.set({ state, node_type: type }, count);
  }
}
