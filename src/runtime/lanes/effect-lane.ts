import {
  encode,
  errorText,
  headersOf,
  isMessageType,
  resultId,
  topicOf,
  type Backend,
  type Intent,
  type Message,
  type MessageType,
} from '../../messages/index.js';
import type { Contract } from '../contracts/contract.js';
import type { StateStore } from '../journal/state-store.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Tracing } from '../tracing/tracing.js';
import type { HandlerRouting } from '../routing/handler-routing.js';
import { endIntents, tellOutcome, tracedIntents } from './effect-report.js';
import { isBackendUnavailable, type EffectHandler, type EffectOutcome } from './effect.js';
import { GroupCommit } from './group-commit.js';
import { takeIn, type Intake, type Received } from './intake.js';
import { LaneUnavailable, type LogRecord } from './lane.js';
import type { LocalDelivery, Sent } from './local-delivery.js';

export type EffectLaneOptions = {
  readonly backend: Backend;
  readonly contract: Contract;
  readonly routing: HandlerRouting<EffectHandler>;
  readonly store: Pick<StateStore, 'desiredRevisions'>;
  readonly delivery: LocalDelivery;
  readonly registryId: string;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
};

/** A record as it was read, or one that was handed over. */
type Arrival = { readonly record: LogRecord } | { readonly received: Received; readonly since: number };
type Asked = { readonly received: Received; readonly intent: Intent };
type Answered = { readonly asked: Asked; readonly outcome: EffectOutcome };

const MAX_BATCH = 500;
/** So long it is not asked whether what was handed over still is desired. */
const FRESH_FOR_MS = 1000;
/** Beyond so many that wait, what could be handed over is left in the log. */
const MAX_HANDED_OVER = 5000;
const RETRY_AFTER_MS = 1000;

/**
 * Carries the intents for one backend to its effect: drops what a newer intent stands for, keeps one a node, and
 * publishes what happened. Has no journal: a repetition gives results with the same ids. While the backend cannot be
 * reached nothing is committed; its backlog stays in Kafka.
 */
export class EffectLane {
  private readonly commits: GroupCommit<Arrival>;
  /** The last batch could not be carried out: until one can, everything is read from the log, whose readers wait. */
  private isFailing = false;

  constructor(private readonly options: EffectLaneOptions) {
    this.commits = new GroupCommit((arrivals) => this.work(arrivals), MAX_BATCH);
  }

  /** See {@link Lane.handle}. */
  handle(records: readonly LogRecord[]): Promise<void> {
    return this.commits.submit(records.map((record) => ({ record })));
  }

  /** Takes intents that this process has just published. Null: they are to be read from the log. */
  handedOver(received: readonly Received[]): Promise<void> | null {
    if (this.isFailing || this.commits.backlog > MAX_HANDED_OVER) return null;
    const since = performance.now();
    return this.commits.submit(received.map((one) => ({ received: one, since })));
  }

  private async work(arrivals: readonly Arrival[]): Promise<void> {
    const { backend, metrics, tracing } = this.options;
    const { received, handedOver, deadLetters } = this.readIn(arrivals);
    const traced = tracing === undefined ? [] : [...received, ...handedOver];
    metrics.batch(backend, arrivals.length);
    try {
      const asked = await this.newestPerNode(received, handedOver);
      const results = await metrics.timed(backend, 'apply', () => this.carryOut(asked));
      await metrics.timed(backend, 'publish', () => this.publish(asked, [...deadLetters, ...results]));
      this.isFailing = false;
      endIntents(traced);
    } catch (error) {
      this.isFailing = true;
      endIntents(traced, error);
      const retryAfterMs = isBackendUnavailable(error) ? error.retryAfterMs : RETRY_AFTER_MS;
      throw new LaneUnavailable(`${backend}: ${errorText(error)}`, retryAfterMs, { cause: error });
    }
    metrics.deadLetters(backend, deadLetters.length);
  }

  private publish(asked: readonly Asked[], records: readonly Sent[]): Promise<void> {
    const { delivery, tracing } = this.options;
    const publish = (): Promise<void> => delivery.publish(records);
    return tracing === undefined
      ? publish()
      : tracing.send(
          asked.map(({ received }) => received),
          records.length,
          publish,
        );
  }

  private readIn(arrivals: readonly Arrival[]): Intake & { readonly handedOver: readonly Received[] } {
    const { backend, contract, routing, registryId, tracing } = this.options;
    const records = arrivals.flatMap((arrival) => ('record' in arrival ? [arrival.record] : []));
    const { received, deadLetters } = takeIn(
      records,
      (message) => {
        const operation = intentOf(message)?.intentType;
        const routed = operation !== undefined && routing.routeToHandlers(operation, 'intent').length > 0;
        return routed ? null : `${contract.name} does not carry out ${operation ?? message.eventType}`;
      },
      registryId,
    );
    // What waited long is looked at like what was read: another replica may have gone on meanwhile.
    const freshSince = performance.now() - FRESH_FOR_MS;
    const given = arrivals.flatMap((arrival) => ('received' in arrival ? [arrival] : []));
    const stale = given.filter(({ since }) => since < freshSince).map((one) => one.received);
    const fresh = given.filter(({ since }) => since >= freshSince).map((one) => one.received);
    return {
      received: tracedIntents(tracing, backend, [...received, ...stale]),
      handedOver: tracedIntents(tracing, backend, fresh),
      deadLetters,
    };
  }

  /**
   * Old intents appear again when an old message is copied or redelivered, and Consul itself has no fence against them: those that
   * were read are compared with what the reducer wants now. What was handed over it wanted just now.
   */
  private async newestPerNode(
    received: readonly Received[],
    handedOver: readonly Received[],
  ): Promise<readonly Asked[]> {
    const { backend, store, metrics } = this.options;
    const newest = new Map<string, Asked>();
    for (const one of [...received, ...handedOver]) {
      const intent = intentOf(one.message);
      if (intent === undefined) continue;
      const aim = aimOf(intent);
      const other = newest.get(aim);
      if (other === undefined || other.intent.revision <= intent.revision) newest.set(aim, { received: one, intent });
    }
    metrics.intentsDropped(backend, 'coalesced', received.length + handedOver.length - newest.size);
    if (received.length === 0) return [...newest.values()];
    const read = new Set(received.map(({ message }) => message.payload.nodeId ?? ''));
    const desired = await store.desiredRevisions([...read]);
    const wanted = [...newest.values()].filter(({ intent }) => intent.revision >= (desired.get(intent.nodeId) ?? 0));
    metrics.intentsDropped(backend, 'stale', newest.size - wanted.length);
    return wanted;
  }

  private async carryOut(asked: readonly Asked[]): Promise<readonly Sent[]> {
    // Ghosts first: one may stand where the node's own entry is to be written.
    const ghosts = await this.carryOutTogether(asked.filter(({ intent }) => isGhost(intent)));
    return [...ghosts, ...(await this.carryOutTogether(asked.filter(({ intent }) => !isGhost(intent))))];
  }

  /**
   * Each operation's intents go to their handler, side by side: no two aim at the same entry, so their order does not matter. All are
   * waited for: nothing may still run when the intents come again.
   */
  private async carryOutTogether(asked: readonly Asked[]): Promise<readonly Sent[]> {
    const byOperation = new Map<string, Asked[]>();
    for (const one of asked) {
      const group = byOperation.get(one.intent.intentType);
      if (group === undefined) byOperation.set(one.intent.intentType, [one]);
      else group.push(one);
    }
    const settled = await Promise.allSettled(
      [...byOperation].map(([operation, group]) => this.apply(operation, group)),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  }

  private async apply(operation: string, group: readonly Asked[]): Promise<readonly Sent[]> {
    const { backend, routing, metrics, tracing, log } = this.options;
    const handler = routing.routeToHandlers(operation, 'intent')[0];
    if (handler === undefined) throw new Error(`nothing carries out ${operation}`);
    const started = performance.now();
    const carryOut = (): Promise<readonly EffectOutcome[]> =>
      handler.apply(group.map(({ received, intent }) => ({ intent, eventTimestamp: received.message.eventTimestamp })));
    const causes = group.map(({ received }) => received);
    const outcomes = await (tracing === undefined ? carryOut() : tracing.apply(backend, operation, causes, carryOut));
    const durationMs = Math.round((performance.now() - started) * 1000) / 1000;
    metrics.effectDuration(operation, durationMs / 1000);
    const answered = group.map((asked, index): Answered => {
      const outcome = outcomes[index];
      if (outcome === undefined)
        throw new Error(`${handler.id} gave ${outcomes.length} answers to ${group.length} intents`);
      metrics.effect(operation, outcome.ok ? 'ok' : outcome.errorCode);
      return { asked, outcome };
    });
    const known = await this.withoutOvertaken(answered);
    return known.map(({ asked, outcome }) => {
      tellOutcome(log, backend, asked.received, { intent: asked.intent, outcome, durationMs });
      return this.result(asked, outcome, durationMs);
    });
  }

  /**
   * A process that was stopped between its look at the desired revisions and its write finds a later revision written: by another
   * replica, which may have carried out, and answered, this very intent before. Its refusal would be a second, other answer under
   * the same id. A later revision is in the state before its intent is in the log, so a second look finds it.
   */
  private async withoutOvertaken(answered: readonly Answered[]): Promise<readonly Answered[]> {
    const refused = answered.filter(({ outcome }) => !outcome.ok).map(({ asked }) => asked.intent.nodeId);
    if (refused.length === 0) return answered;
    const { backend, store, metrics } = this.options;
    const desired = await store.desiredRevisions([...new Set(refused)]);
    const kept = answered.filter(
      ({ asked: { intent }, outcome }) => outcome.ok || intent.revision >= (desired.get(intent.nodeId) ?? 0),
    );
    metrics.intentsDropped(backend, 'stale', answered.length - kept.length);
    return kept;
  }

  private result({ received, intent }: Asked, outcome: EffectOutcome, durationMs: number): Sent {
    const { backend, registryId } = this.options;
    const { message, traceparent, tracestate } = received;
    const confirmation = this.confirmationOf(intent.intentType);
    const eventType: MessageType = outcome.ok ? confirmation : 'REGISTRY_EFFECT_FAILED';
    const result = {
      eventId: resultId(message.eventId, backend, intent.nodeId),
      eventType,
      eventTimestamp: message.eventTimestamp,
      sourceNodeId: registryId,
      correlationId: message.correlationId,
      causationId: message.eventId,
      payload: {
        nodeId: intent.nodeId,
        backend,
        operation: intent.intentType,
        revision: intent.revision,
        attemptId: intent.attemptId,
        ...(outcome.ok ? {} : { errorCode: outcome.errorCode, errorMessage: outcome.errorMessage }),
        durationMs,
      },
    } as Message<'CONSUL_REGISTERED' | 'REGISTRY_EFFECT_FAILED'>;
    return {
      topic: topicOf(result.eventType),
      key: intent.nodeId,
      value: encode(result),
      headers: headersOf(result, traceparent, tracestate),
      message: result,
      isPatient: outcome.ok && isOfActiveNode(intent),
    };
  }

  private confirmationOf(operation: string): Exclude<MessageType, 'DEADLINE_PASSED'> {
    const name = this.options.routing.confirmationOf(operation);
    if (name === undefined || !isMessageType(name) || name === 'DEADLINE_PASSED') {
      throw new Error(`${this.options.contract.name}: the contract does not say what confirms ${operation}`);
    }
    return name;
  }
}

type Ghost = Extract<Intent, { readonly intentType: 'consul.remove_service' }>;

function isGhost(intent: Intent): intent is Ghost {
  return intent.intentType === 'consul.remove_service';
}

/** The node is at work already: that a backend has its record now only completes ours. */
function isOfActiveNode(intent: Intent): boolean {
  switch (intent.intentType) {
    case 'consul.register':
      return intent.health === 'passing';
    case 'postgres.upsert_registration':
      return intent.state === 'active';
    default:
      return false;
  }
}

/** What the intent is about: the newest for the same is enough. A ghost is beside the node's own entry. */
function aimOf(intent: Intent): string {
  return isGhost(intent) ? `${intent.nodeId} ${intent.consulNode} ${intent.serviceId}` : intent.nodeId;
}

function intentOf(message: Message): Intent | undefined {
  return message.eventType === 'CONSUL_INTENT' || message.eventType === 'POSTGRES_INTENT'
    ? message.payload.intent.payload
    : undefined;
}
