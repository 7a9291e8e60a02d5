import {
  encode,
  errorText,
  headersOf,
  ordinaryHeartbeat,
  outputId,
  topicOf,
  type Message,
} from '../../messages/index.js';
import type { NotExtended, Sign } from '../journal/extend-deadlines.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { BeatSignatures } from './beat-signatures.js';
import { Gathering, type Gathered } from './gathering.js';
import { takeIn } from './intake.js';
import type { IntrospectionRequests } from './introspection-requests.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord, type Publish } from './lane.js';
import type { Machine } from './machine.js';
import { Rounds, type SignedBeat } from './rounds.js';

export type HeartbeatLaneOptions = {
  readonly machine: Machine;
  /** Moves the liveness deadlines of nodes in the states; gives the nodes that it did not move. */
  readonly extend: (statuses: readonly string[], signs: readonly Sign[]) => Promise<readonly NotExtended[]>;
  /** Where markers of silence are decided, as steps. */
  readonly decide: (records: readonly LogRecord[]) => Promise<unknown>;
  readonly requests: IntrospectionRequests;
  readonly publish: Publish;
  readonly metrics: RuntimeMetrics;
  /** Absent: nobody looks at signatures. */
  readonly signatures?: BeatSignatures | undefined;
};

const HEARTBEATS = topicOf('NODE_HEARTBEAT');
const REQUESTS = topicOf('REGISTRY_REQUEST_INTROSPECTION');
/** Read without a break: so long nothing else of the process has its turn. */
const SLICE = 1000;
/** The same where each has to be verified, which takes some 0.15 ms. */
const SIGNED_SLICE = 50;
/** Nodes in one statement: more make it no cheaper, and their rows would be locked for longer. */
const MAX_SIGNS = 4000;
const RETRY_AFTER_MS = 1000;

type Batch = { readonly rounds: Rounds; readonly deadLetters: OutgoingRecord[] };

/**
 * The lane of heartbeats and of the markers that judge them, in the order of the log. Many beats become one a node and one
 * statement, which moves columns only; a marker is a step like every other. The rule is the orchestrator's (`extend_liveness`);
 * this does in bulk what its handler says, and a test holds the two together. Beats of nodes that are unknown or gone are
 * answered, at a bounded rate, by a request to introduce themselves. What comes is read at once, also while a statement is
 * under way; no more than what the transport has delivered, and is waiting for, is in memory.
 */
export class HeartbeatLane {
  private readonly batches: Gathering<Batch>;
  private readonly extending: readonly string[];
  /** Deliveries that are read in slices, one after the other. */
  private reading: Promise<unknown> | undefined;

  constructor(private readonly options: HeartbeatLaneOptions) {
    this.extending = options.machine.statusesThatMoveColumns('NODE_HEARTBEAT');
    this.batches = new Gathering<Batch>(
      () => ({ rounds: new Rounds(), deadLetters: [] }),
      (batch) => this.work(batch),
    );
  }

  /** See {@link Lane.handle}. */
  async handle(records: readonly LogRecord[]): Promise<void> {
    const { signatures } = this.options;
    if (signatures !== undefined) await signatures.prepare();
    if (this.reading === undefined && records.length <= this.slice) return this.gather(records).done;
    const turn: Promise<readonly Gathered[]> = (this.reading ?? Promise.resolve()).then(() => this.readAll(records));
    const over = turn
      .catch(() => undefined)
      .then(() => {
        if (this.reading === over) this.reading = undefined;
      });
    this.reading = over;
    await Promise.all((await turn).map(({ done }) => done));
  }

  /** Slice by slice, each into the batch that gathers at that moment. */
  private async readAll(records: readonly LogRecord[]): Promise<readonly Gathered[]> {
    const batches = new Set<Gathered>();
    for (let from = 0; from < records.length; from += this.slice) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      // What comes behind a record that was not worked on must not be, either: see who failed before going on.
      const failed = [...batches].find(({ hasFailed }) => hasFailed);
      if (failed !== undefined) return [failed];
      batches.add(this.gather(records.slice(from, from + this.slice)));
    }
    return [...batches];
  }

  private get slice(): number {
    return this.options.signatures === undefined ? SLICE : SIGNED_SLICE;
  }

  private gather(records: readonly LogRecord[]): Gathered {
    return this.batches.add((batch) => {
      for (const record of records) this.read(record, batch);
    });
  }

  private read(record: LogRecord, { rounds, deadLetters }: Batch): void {
    const { machine, signatures } = this.options;
    const isPlain = record.topic === HEARTBEATS && signatures === undefined;
    const beating = isPlain ? ordinaryHeartbeat(record.key, record.value) : null;
    if (beating !== null) return rounds.addBeat(beating, record);
    const taken = takeIn([record], (message, { topic }) => machine.refusal(message, topic), machine.registryId);
    deadLetters.push(...taken.deadLetters);
    for (const { message } of taken.received) {
      const { nodeId } = message.payload as { nodeId: string };
      if (message.eventType !== 'NODE_HEARTBEAT') rounds.addMarker(nodeId, record);
      else if (signatures === undefined) rounds.addBeat(nodeId, record);
      else deadLetters.push(...signatures.read(message, record, rounds));
    }
  }

  private async work({ rounds, deadLetters }: Batch): Promise<void> {
    const { metrics, publish, decide, requests } = this.options;
    metrics.batch('heartbeats', rounds.size + deadLetters.length);
    const outgoing: OutgoingRecord[] = [...deadLetters];
    let beats = rounds.size;
    try {
      for (const round of rounds.inOrder) {
        const { signed } = round;
        const own = signed.size === 0 ? round.beats : await this.own(signed);
        beats -= round.markers.length + round.beats.size + signed.size;
        outgoing.push(...(await metrics.timed('heartbeats', 'decide_and_store', () => this.extend(own))));
        if (round.markers.length > 0) await decide(round.markers);
      }
      if (outgoing.length > 0) await metrics.timed('heartbeats', 'publish', () => publish(outgoing));
    } catch (error) {
      requests.withdraw(outgoing.filter(({ topic }) => topic === REQUESTS).map(({ key }) => String(key)));
      throw new LaneUnavailable(`heartbeats: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
    metrics.heartbeats('coalesced', beats);
    metrics.deadLetters('heartbeats', deadLetters.length);
  }

  private own(signed: ReadonlyMap<string, SignedBeat>): Promise<ReadonlyMap<string, LogRecord>> {
    const { signatures } = this.options;
    if (signatures === undefined) throw new Error('nobody looks at signatures');
    return signatures.own(signed);
  }

  /** One statement for all, or for as many as one takes; gives the requests to those who are not registered. */
  private async extend(beats: ReadonlyMap<string, LogRecord>): Promise<readonly OutgoingRecord[]> {
    const { metrics, extend } = this.options;
    const signs = Array.from(beats, ([nodeId, { appendedAt }]) => ({ nodeId, at: appendedAt }));
    const requests: OutgoingRecord[] = [];
    for (let from = 0; from < signs.length; from += MAX_SIGNS) {
      const some = signs.slice(from, from + MAX_SIGNS);
      const rest = await extend(this.extending, some);
      metrics.heartbeats('extended', some.length - rest.length);
      for (const { nodeId, status } of rest) requests.push(...this.passOver(nodeId, status, beats.get(nodeId)));
    }
    return requests;
  }

  private passOver(nodeId: string, status: string | null, record: LogRecord | undefined): readonly OutgoingRecord[] {
    const { machine, metrics, requests } = this.options;
    const reason = machine.ignoredReason(status, 'NODE_HEARTBEAT');
    metrics.heartbeats(reason, 1);
    if (record === undefined || !ASKED.includes(reason) || !requests.admit(nodeId)) return [];
    return takeIn([record], () => null, machine.registryId).received.map(({ message, traceparent, tracestate }) => {
      const request: Message<'REGISTRY_REQUEST_INTROSPECTION'> = {
        // A copy of the beat in the log has a time of its own, and so has what it leads to.
        eventId: outputId(message.eventId, 'heartbeats', nodeId, message.appendedAt),
        eventType: 'REGISTRY_REQUEST_INTROSPECTION',
        eventTimestamp: new Date(message.appendedAt).toISOString(),
        sourceNodeId: machine.registryId,
        correlationId: message.correlationId,
        causationId: message.eventId,
        payload: { nodeId, targetNodeId: nodeId },
      };
      const headers = headersOf(request, traceparent, tracestate);
      return { topic: REQUESTS, key: nodeId, value: encode(request), headers };
    });
  }
}

/** Why a beat is passed over, where an introspection would help. */
const ASKED: readonly string[] = ['unknown_node', 'terminal'];
