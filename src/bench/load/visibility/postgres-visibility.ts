import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** How often it is asked, beside the time that asking takes. */
export const POSTGRES_EVERY_MS = 5;

const VISIBLE = {
  name: 'visible',
  text: `select node_id from node_registrations where node_id = any($1::text[]) and state = 'active'`,
};

/** Tells when a reader of `node_registrations` finds nodes to be active: asks for all that are waited for by one statement. */
export class PostgresVisibility {
  private readonly waiting = new Set<string>();
  private isOpen = true;
  private wake = (): void => undefined;
  private readonly client: pg.Client;
  private readonly loop: Promise<void>;

  /** `seen` gets the time of `performance.now()` at which the answer was there. */
  constructor(
    databaseUrl: string,
    private readonly seen: (nodeId: string, at: number) => void,
  ) {
    this.client = new pg.Client({ connectionString: databaseUrl });
    this.loop = this.ask();
    this.loop.catch(() => undefined); // `close` tells of it
  }

  watch(nodeId: string): void {
    this.waiting.add(nodeId);
    this.wake();
  }

  /** Rejects when a question has failed. */
  async close(): Promise<void> {
    this.isOpen = false;
    this.wake();
    await this.loop.finally(() => this.client.end());
  }

  private async ask(): Promise<void> {
    await this.client.connect();
    while (this.isOpen) {
      if (this.waiting.size === 0) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      const { rows } = await this.client.query<{ node_id: string }>({ ...VISIBLE, values: [[...this.waiting]] });
      const at = performance.now();
      for (const { node_id: nodeId } of rows) if (this.waiting.delete(nodeId)) this.seen(nodeId, at);
      await sleep(POSTGRES_EVERY_MS);
    }
  }
}
