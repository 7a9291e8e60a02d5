import { encode, errorText, headersOf, outputId, topicOf, type Input, type Message } from '../../messages/index.js';
import { GroupCommit } from './group-commit.js';
import { takeIn, type Received } from './intake.js';
import type { IntrospectionRequests } from './introspection-requests.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord, type Publish } from './lane.js';
import type { Machine } from './machine.js';
import type { NotExtended, Sign } from '../journal/extend-deadlines.js';
import type { RuntimeMetrics } from '../metrics.js';
import { roundsOf } from './rounds.js';

export type HeartbeatLaneOptions = {
  readonly machine: Machine;
  /** Moves the liveness deadlines of nodes in the states; gives the nodes that it did not move. */
  readonly extend: (statuses: readonly string[], signs: readonly Sign[]) => Promise<readonly NotExtended[]>;
  /** Where markers of silence are decided, as steps. */
  readonly decide: (records: readonly LogRecord[]) => Promise<void>;
  readonly requests: IntrospectionRequests;
  readonly publish: Publish;
  readonly metrics: RuntimeMetrics;
};

const REQUESTS = topicOf('REGISTRY_REQUEST_INTROSPECTION');
const MAX_BATCH = 5000;
const RETRY_AFTER_MS = 1000;

type Heartbeat = Received & { readonly message: Input<'NODE_HEARTBEAT'> };

/**
 * The lane of heartbeats and of the markers that judge them, in the order of the log. Many beats become one a node and one
 * statement, which moves columns only; a marker is a step like every other. The rule is the orchestrator's (`extend_liveness`);
 * this does in bulk what its handler says, and a test holds the two together. Beats of nodes that are unknown or gone are
 * answered, at a bounded rate, by a request to introduce themselves.
 */
export class HeartbeatLane {
  private readonly commits: GroupCommit<LogRecord>;
  private readonly extending: readonly string[];

  constructor(private readonly options: HeartbeatLaneOptions) {
    this.extending = options.machine.statusesThatMoveColumns('NODE_HEARTBEAT');
    this.commits = new GroupCommit((records) => this.work(records), MAX_BATCH);
  }

  /** See {@link Lane.handle}. */
  handle(records: readonly LogRecord[]): Promise<void> {
    return this.commits.submit(records);
  }

  private async work(records: readonly LogRecord[]): Promise<void> {
    const { machine, metrics, publish, decide, requests } = this.options;
    const { received, deadLetters } = takeIn(
      records,
      (message, { topic }) => machine.refusal(message, topic),
      machine.registryId,
    );
    metrics.batch('heartbeats', records.length);
    const outgoing: OutgoingRecord[] = [...deadLetters];
    try {
      for (const { beats, markers } of roundsOf(received, isHeartbeat)) {
        outgoing.push(...(await metrics.timed('heartbeats', 'decide_and_store', () => this.extend(beats))));
        if (markers.length > 0) await decide(markers.map(({ record }) => record));
      }
      if (outgoing.length > 0) await metrics.timed('heartbeats', 'publish', () => publish(outgoing));
    } catch (error) {
      requests.withdraw(outgoing.filter(({ topic }) => topic === REQUESTS).map(({ key }) => String(key)));
      throw new LaneUnavailable(`heartbeats: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
    metrics.deadLetters('heartbeats', deadLetters.length);
  }

  /** One statement for all; gives the requests to those who are not registered. */
  private async extend(beats: readonly Heartbeat[]): Promise<readonly OutgoingRecord[]> {
    if (beats.length === 0) return [];
    const { metrics, extend } = this.options;
    const latest = new Map<string, Heartbeat>();
    for (const beat of beats) latest.set(beat.message.payload.nodeId, beat);
    const signs = [...latest.values()].map(({ message }) => ({
      nodeId: message.payload.nodeId,
      at: new Date(message.appendedAt).toISOString(),
    }));
    const rest = await extend(this.extending, signs);
    metrics.heartbeats('coalesced', beats.length - latest.size);
    metrics.heartbeats('extended', latest.size - rest.length);
    return rest.flatMap(({ nodeId, status }) => {
      const beat = latest.get(nodeId);
      return beat === undefined ? [] : this.passOver(beat, status);
    });
  }

  private passOver({ message, traceparent }: Heartbeat, status: string | null): readonly OutgoingRecord[] {
    const { machine, metrics, requests } = this.options;
    const reason = machine.ignoredReason(status, 'NODE_HEARTBEAT');
    metrics.heartbeats(reason, 1);
    const { nodeId } = message.payload;
    if (!ASKED.includes(reason) || !requests.admit(nodeId)) return [];
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
    const headers = headersOf(request, traceparent);
    return [{ topic: REQUESTS, key: nodeId, value: encode(request), headers }];
  }
}

/** Why a beat is passed over, where an introspection would help. */
const ASKED: readonly string[] = ['unknown_node', 'terminal'];

function isHeartbeat(received: Received): received is Heartbeat {
  return received.message.eventType === 'NODE_HEARTBEAT';
}
