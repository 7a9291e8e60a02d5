import { PGlite } from '@electric-sql/pglite';
import { errorText } from '../../messages/index.js';
import type { Log } from '../log.js';
import { DurableFiles } from './durable-files.js';
import { errorOf, firstColumn, queryMessage } from './wire.js';

const START_PARAMETERS = [
  // -F would turn fsync off.
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  // The one that PGlite's C library passes on.
  ...['-c', 'wal_sync_method=fsync'],
  ...['-c', 'shared_buffers=32MB'],
];

/** PostgreSQL stops itself after this: what follows in this process is not to be trusted. */
const PANIC = /\bPANIC: /;

/**
 * PGlite, spoken to in PostgreSQL's protocol alone: its own query methods lose their answers once raw messages were sent
 * (its callback for raw data stays where it was).
 */
export class Engine {
  private readonly waiting: (() => void)[] = [];

  private constructor(private readonly pglite: PGlite) {}

  /** Opens the database in a folder, or makes one there. `onPanic` is called when it broke after that, and must not return. */
  static async open(folder: string, log: Log, onPanic: (reason: string) => never): Promise<Engine> {
    let isOpen = false;
    const complaints: string[] = [];
    const pglite = new PGlite({
      fs: new DurableFiles(folder),
      relaxedDurability: false,
      startParams: START_PARAMETERS,
      onStderr: (line) => {
        log.debug({ postgres: line }, 'the embedded database says');
        if (/\b(FATAL|PANIC|DETAIL|HINT): /.test(line)) complaints.push(line.replace(/^.*?\] /, ''));
        if (isOpen && PANIC.test(line)) onPanic(line);
        return false;
      },
    });
    try {
      await pglite.waitReady;
    } catch (error) {
      throw new Error(complaints.length > 0 ? complaints.slice(-3).join('; ') : errorText(error), { cause: error });
    }
    isOpen = true;
    return new Engine(pglite);
  }

  get isInTransaction(): boolean {
    return this.pglite.isInTransaction();
  }

  /** Whole messages of a client in, the answer out; errors of PostgreSQL are part of the answer. */
  async send(messages: Uint8Array): Promise<Buffer> {
    const answer = await this.pglite.runExclusive(() => this.exchange(messages));
    if (!this.isInTransaction) for (const wake of this.waiting.splice(0)) wake();
    return answer;
  }

  /**
   * Runs one statement between the transactions of the client, waiting for the end of one that is under way; returns its
   * first column.
   */
  async run(statement: string): Promise<readonly string[]> {
    for (;;) {
      const answer = await this.pglite.runExclusive(() =>
        this.isInTransaction ? Promise.resolve(null) : this.exchange(queryMessage(statement)),
      );
      if (answer === null) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
        continue;
      }
      const error = errorOf(answer);
      if (error !== null) throw new Error(`${statement}: ${error}`);
      return firstColumn(answer);
    }
  }

  /** Writes a checkpoint, so that the next start has nothing to recover. */
  close(): Promise<void> {
    return this.pglite.close();
  }

  private async exchange(messages: Uint8Array): Promise<Buffer> {
    const answer: Buffer[] = [];
    await this.pglite.execProtocolRawStream(messages, {
      // The bytes are the engine's memory, which the next call overwrites.
      onRawData: (bytes) => answer.push(Buffer.from(bytes)),
    });
    return Buffer.concat(answer);
  }
}
