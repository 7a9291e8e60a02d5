import { errorText, isFresh, REGISTRY_SIGNER, type Input } from '../../messages/index.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Signatures } from '../signatures/signatures.js';
import { deadLetterOf } from './dead-letters.js';
import { authorshipOf, type Witness } from './intake.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord } from './lane.js';
import type { Rounds, SignedBeat } from './rounds.js';
import type { Timings } from './step.js';

export type BeatSignaturesOptions = {
  readonly signatures: Signatures;
  readonly timings: () => Promise<Timings>;
  /** See `pinnedKeys` in journal/pinned-keys.ts. */
  readonly pinnedKeys: (nodeIds: readonly string[]) => Promise<ReadonlyMap<string, string | null>>;
  readonly registryId: string;
  readonly metrics: RuntimeMetrics;
};

type Beat = Input<'NODE_HEARTBEAT'>;

/** Nodes in one statement. */
const MAX_NODES = 4000;
const RETRY_AFTER_MS = 1000;

/**
 * Whose heartbeats they are, for the lane, which passes by the handlers: the same that src/orchestrator/authenticity.ts says of a
 * single one, and a test holds the two together.
 */
export class BeatSignatures {
  private witness: Witness | undefined;
  private windowMs = 0;

  constructor(private readonly options: BeatSignaturesOptions) {}

  /** Before anything is read. Throws {@link LaneUnavailable} where the key of the registry, or the pace, cannot be had. */
  async prepare(): Promise<void> {
    try {
      this.witness ??= await this.options.signatures.witness();
      this.windowMs = (await this.options.timings()).livenessWindowMs;
    } catch (error) {
      throw new LaneUnavailable(`heartbeats: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
  }

  /** Adds the beat, unless it can have no effect; gives its dead letter where its signature is none. */
  read(message: Beat, record: LogRecord, rounds: Rounds): readonly OutgoingRecord[] {
    const { witness } = this;
    if (witness === undefined) throw new Error('beats are read before their signatures can be');
    const author = authorshipOf(record, message, witness);
    if (author === undefined) throw new Error(`signatures are not looked at on ${record.topic}`);
    if ('wrong' in author) return [deadLetterOf(record, 'malformed', author.wrong, this.options.registryId)];
    const { signedBy } = author;
    const doubt = signedBy === null ? 'unsigned' : this.isFresh(message, signedBy) ? null : 'stale';
    if (doubt === null) rounds.addSignedBeat({ message, record, signedBy });
    // One doubt is enough: it is not asked about again.
    else if (!this.passesOver(message, doubt)) rounds.addSignedBeat({ message, record, signedBy: null });
    return [];
  }

  /** The beats by the nodes themselves, as far as that is asked; of each node the last. */
  async own(signed: ReadonlyMap<string, SignedBeat>): Promise<ReadonlyMap<string, LogRecord>> {
    const beats = [...signed.values()];
    const known = await this.knownKeys([...new Set(beats.map(({ message }) => message.payload.nodeId))]);
    const own = new Map<string, LogRecord>();
    for (const { message, record, signedBy } of beats) {
      const { nodeId } = message.payload;
      const key = known.get(nodeId);
      // Of a node without a row nothing is known. Those without a signer have been counted.
      const isOwn = key === undefined || signedBy === null || signedBy === REGISTRY_SIGNER || signedBy === key;
      if (isOwn || !this.passesOver(message, 'wrong_key')) own.set(nodeId, record);
    }
    return own;
  }

  private isFresh(message: Beat, signedBy: string): boolean {
    return signedBy === REGISTRY_SIGNER || isFresh(message, this.windowMs);
  }

  private passesOver(message: Beat, doubt: string): boolean {
    const { signatures, metrics } = this.options;
    signatures.doubted(message, doubt);
    if (this.witness?.mode !== 'required') return false;
    metrics.heartbeats(doubt, 1);
    return true;
  }

  private async knownKeys(nodeIds: readonly string[]): Promise<Map<string, string | null>> {
    const known = new Map<string, string | null>();
    for (let from = 0; from < nodeIds.length; from += MAX_NODES) {
      for (const [nodeId, key] of await this.options.pinnedKeys(nodeIds.slice(from, from + MAX_NODES))) {
        known.set(nodeId, key);
      }
    }
    return known;
  }
}
