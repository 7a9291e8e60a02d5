import { errorText } from '../../messages/index.js';
import type { Database } from '../journal/database.js';
import { UnstorableData } from '../journal/journal.js';
import { storeDeadLetters, type StoredDeadLetter } from '../journal/store-dead-letters.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { LaneUnavailable, type Lane, type LogRecord } from './lane.js';
import { readDeadLetter } from './read-dead-letter.js';

export type DeadLetterLaneOptions = {
  readonly database: Pick<Database, 'pool'>;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Told of the nodes whose letters were stored: who waits for what became of a message finds it here. */
  readonly decided?: (nodeIds: readonly string[]) => void;
  /** Failed redrives of one root after which the newest letter goes to quarantine; a named number unless told. */
  readonly quarantineAfter?: number;
};

/** Most of one statement: letters, and characters of their values, as each can have 700,000. */
const MAX_BATCH = 500;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;
const RETRY_AFTER_MS = 1000;

/**
 * Copies dead letters from their topic into the state database, where operators find them. What cannot be read or stored is
 * logged and passed over: it stays in the topic, and a dead letter of a dead letter would help nobody.
 */
export class DeadLetterLane implements Lane {
  readonly group = 'dead-letters';
  readonly topics = ['dlq.v1'] as const;

  constructor(private readonly options: DeadLetterLaneOptions) {}

  /** See {@link Lane.handle}. */
  async handle(records: readonly LogRecord[]): Promise<void> {
    const { log, metrics } = this.options;
    metrics.batch(this.group, records.length);
    const letters = records.flatMap((record) => this.read(record));
    try {
      let stored = 0;
      for (const batch of batchesOf(letters)) stored += await this.store(batch);
      if (stored > 0) log.info({ group: this.group, stored }, 'dead letters stored for operators');
      this.options.decided?.([...new Set(letters.flatMap(({ nodeId }) => nodeId ?? []))]);
    } catch (error) {
      throw new LaneUnavailable(`${this.group}: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
  }

  private read(record: LogRecord): readonly StoredDeadLetter[] {
    const read = readDeadLetter(record);
    if (read.ok) return [read.letter];
    const { topicName, partition, offset } = record;
    this.options.log.warn(
      { topic: topicName, partition, offset, reason: read.reason },
      'passing over what is no dead letter',
    );
    return [];
  }

  /** Where the database refuses a batch, the halves are tried, down to the letter that has to be passed over. */
  private async store(batch: readonly StoredDeadLetter[]): Promise<number> {
    try {
      return await storeDeadLetters(this.options.database, batch, this.options.quarantineAfter);
    } catch (error) {
      if (!(error instanceof UnstorableData)) throw error;
      if (batch.length > 1) {
        const middle = batch.length >> 1;
        return (await this.store(batch.slice(0, middle))) + (await this.store(batch.slice(middle)));
      }
      const { id } = batch[0] ?? {};
      this.options.log.error({ id, error: errorText(error) }, 'passing over a dead letter that cannot be stored');
      return 0;
    }
  }
}

/** In their order, each once; an ancestor and its descendant never share a statement, which sees only what was there before. */
function* batchesOf(letters: readonly StoredDeadLetter[]): Generator<readonly StoredDeadLetter[]> {
  let batch = new Map<string, StoredDeadLetter>();
  let characters = 0;
  for (const letter of letters) {
    if (batch.has(letter.id)) continue;
    const size = letter.originalValue?.length ?? 0;
    const isFull = batch.size === MAX_BATCH || characters + size > MAX_BATCH_CHARACTERS;
    if (batch.size > 0 && (isFull || batch.has(letter.redriveOf ?? ''))) {
      yield [...batch.values()];
      batch = new Map();
      characters = 0;
    }
    batch.set(letter.id, letter);
    characters += size;
  }
  if (batch.size > 0) yield [...batch.values()];
}
