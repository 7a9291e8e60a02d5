import type { Database } from '../../runtime/index.js';
import { NODE_COLUMNS, nodeOf, type NodeRow } from './node-row.js';
import type { Node } from './node.js';
import { rowsOf } from './query.js';

/** Most ids of one statement, and most statements at once: what comes meanwhile waits, and goes together. */
const MAX_IDS = 200;
const MAX_QUERIES = 2;

type Waiting = { readonly resolve: (node: Node | null) => void; readonly reject: (error: unknown) => void };

/**
 * Reads nodes by id. Callers of one turn of the event loop share a statement, so under load a read costs a fraction of a
 * round trip; a lone caller does not wait. Every answer was read after it was asked for.
 */
export class NodeById {
  private readonly waiting = new Map<string, Waiting[]>();
  private running = 0;
  private scheduled = false;

  constructor(private readonly database: Database) {}

  /** Null for a node that the registry does not know. Throws StateUnavailable. */
  find(nodeId: string): Promise<Node | null> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(nodeId);
      if (others === undefined) this.waiting.set(nodeId, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.running >= MAX_QUERIES || this.waiting.size === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.run(this.take());
      this.schedule();
    });
  }

  private take(): Map<string, Waiting[]> {
    const batch = new Map<string, Waiting[]>();
    for (const [nodeId, callers] of this.waiting) {
      if (batch.size === MAX_IDS) break;
      batch.set(nodeId, callers);
      this.waiting.delete(nodeId);
    }
    return batch;
  }

  private async run(batch: ReadonlyMap<string, readonly Waiting[]>): Promise<void> {
    this.running += 1;
    try {
      const rows = await rowsOf<NodeRow>(this.database, {
        name: 'nodes-by-id',
        text: BY_ID,
        values: [[...batch.keys()]],
      });
      const found = new Map(rows.map((row) => [row.node_id, row]));
      for (const [nodeId, callers] of batch) {
        const row = found.get(nodeId);
        const node = row === undefined ? null : nodeOf(row);
        for (const { resolve } of callers) resolve(node);
      }
    } catch (error) {
      for (const { reject } of [...batch.values()].flat()) reject(error);
    } finally {
      this.running -= 1;
      this.schedule();
    }
  }
}

const BY_ID = `
  select ${NODE_COLUMNS} from machine_states
  where machine = 'orchestrator' and node_id = any($1::text[])`;
