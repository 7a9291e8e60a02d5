import { Inject, Injectable } from '@nestjs/common';
import { decodeText, errorText, headersOf, topicOf } from '../../messages/index.js';
import { BUS, LOG, type Bus, type Log, type OutgoingRecord } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import { OperationStore, type KeyedOperation, type Operation } from '../read/operation-store.js';
import type { Command } from './command.js';
import { publishCommand } from './publish.js';

/** How long a key stands for its request. Milliseconds. */
const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Who has not published within this time has died on the way, and the message is published again: the same bytes. */
const ABANDONED_AFTER_MS = 15_000;
/** Publishes that failed here and may be tried again at once; older ones wait until they count as abandoned. */
const MAX_FAILED = 10_000;

/**
 * Commands on their way to the log: a row first, then the message, then the mark that it is there. So a command that was
 * answered for is on the log, and a key finds its command whatever broke in between:
 *
 * - the same key and request: the same operation, and one command on the log;
 * - the same key with another request: problem `idempotency-key-reused`;
 * - while the first is under way here: the others wait for it, and share its fate; under way elsewhere: `idempotency-key-in-use`;
 * - the first did not get so far as to publish: whoever comes again publishes the stored message. Should both be on the log
 *   after all, they have one event id, and the orchestrator drops the second.
 */
@Injectable()
export class CommandLog {
  private readonly underWay = new Map<string, { readonly hash: string; readonly sent: Promise<Operation> }>();
  private readonly failed = new Set<string>();

  constructor(
    @Inject(OperationStore) private readonly operations: OperationStore,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Whether a request with this key was here before. Throws StateUnavailable. */
  async knows(idempotencyKey: string): Promise<boolean> {
    if (this.underWay.has(idempotencyKey)) return true;
    const known = await this.operations.byKey(idempotencyKey);
    return known !== null && known.ageMs < KEY_LIFETIME_MS;
  }

  /** Resolves once the command is on the log. Throws StateUnavailable, and the problems named above and of `publishCommand`. */
  submit(command: Command): Promise<Operation> {
    const { idempotencyKey: key, requestHash: hash } = command;
    if (key === null) return this.sendNew(command);
    const first = this.underWay.get(key);
    if (first !== undefined) return first.hash === hash ? first.sent : Promise.reject(reused());
    const sent = this.sendOnce(command, key).finally(() => this.underWay.delete(key));
    this.underWay.set(key, { hash, sent });
    return sent;
  }

  private async sendNew(command: Command): Promise<Operation> {
    const operation = await this.insert(command);
    if (operation === null) throw new Error(`operation ${command.id} was not stored, though it has no key`);
    return this.publish(operation, command.record);
  }

  private async sendOnce(command: Command, key: string): Promise<Operation> {
    const inserted = await this.insert(command);
    if (inserted !== null) return this.publish(inserted, command.record);
    const earlier = await this.operations.byKey(key);
    if (earlier !== null && earlier.ageMs < KEY_LIFETIME_MS) return this.repeat(earlier, command);
    if (earlier !== null) await this.operations.freeKey(earlier.id);
    const second = await this.insert(command);
    // Another replica had the same thought.
    if (second === null) throw inUse();
    return this.publish(second, command.record);
  }

  private async repeat(earlier: KeyedOperation, { requestHash }: Command): Promise<Operation> {
    if (earlier.requestHash !== requestHash) throw reused();
    if (earlier.published) return earlier;
    if (earlier.ageMs < ABANDONED_AFTER_MS && !this.failed.has(earlier.id)) throw inUse();
    return this.publish(earlier, storedRecord(earlier));
  }

  private insert({
    id,
    kind,
    nodeId,
    idempotencyKey,
    requestHash,
    record: { value },
  }: Command): Promise<Operation | null> {
    return this.operations.insert({ id, kind, nodeId, idempotencyKey, requestHash, message: value });
  }

  private async publish(operation: Operation, record: OutgoingRecord): Promise<Operation> {
    try {
      await publishCommand(this.bus, this.log, record);
    } catch (error) {
      this.rememberFailed(operation.id);
      throw error;
    }
    this.failed.delete(operation.id);
    try {
      await this.operations.markPublished(operation.id);
    } catch (error) {
      // It is on the log, and that is what counts: who repeats the request publishes the same message again.
      this.log.warn({ operation: operation.id, error: errorText(error) }, 'a published command could not be marked so');
    }
    return operation;
  }

  private rememberFailed(id: string): void {
    this.failed.add(id);
    if (this.failed.size <= MAX_FAILED) return;
    for (const oldest of this.failed) {
      this.failed.delete(oldest);
      return;
    }
  }
}

/** The record of a command that was stored and perhaps not published. */
function storedRecord({ id, nodeId, kind, message: value }: KeyedOperation): OutgoingRecord {
  const decoded = decodeText(value);
  if (!decoded.ok) throw new Error(`the stored message of operation ${id} cannot be read: ${decoded.reason}`);
  const topic = topicOf(kind === 'register' ? 'REGISTER_NODE' : 'DEREGISTER_NODE');
  return { topic, key: nodeId, value, headers: headersOf(decoded.message) };
}

function reused(): Problem {
  return new Problem(
    'idempotency-key-reused',
    'This Idempotency-Key was used for another request within the last 24 hours.',
  );
}

function inUse(): Problem {
  return new Problem(
    'idempotency-key-in-use',
    'A request with this Idempotency-Key is being published. Try again later to hear of its operation.',
  );
}
