import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { encode, topicOf, type Backend, type Input, type TopicSuffix } from '../../src/messages/index.js';
import type { EffectHandler, EffectOutcome } from '../../src/runtime/lanes/effect.js';
import { EffectLane } from '../../src/runtime/lanes/effect-lane.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { StepLoops } from '../../src/runtime/lanes/step-loops.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';
import { tracingThrough, type TracingOptions } from '../../src/runtime/tracing/create-tracing.js';
import type { TraceHeaders } from '../../src/runtime/tracing/trace-context.js';
import { orchestrator, reducer, takerOf, topicsOf } from './both-machines.js';
import { contractOf } from './contracts.js';
import { LocalLog } from './local-log.js';
import { REGISTRY_ID, Storage } from './machines.js';
import { TIMINGS } from './workflow.js';

const INTENTS: Readonly<Record<Backend, TopicSuffix>> = {
  consul: 'intent.consul.v1',
  postgres: 'intent.postgres.v1',
};

/** Spans of a test, and who makes them. */
export function recording({
  sampler = 'parentbased_always_on',
  ratio = 1,
}: Partial<Pick<TracingOptions, 'sampler' | 'ratio'>> = {}) {
  const exporter = new InMemorySpanExporter();
  const tracing = tracingThrough(
    new SimpleSpanProcessor(exporter),
    { serviceName: 'rollcall', resource: {}, sampler, ratio },
    { version: '1.2.3', messagingSystem: { name: 'kafka', topicName: (topic) => `dev.onex.${topic}` } },
  );
  return { exporter, tracing };
}

type WorldOptions = {
  /** Whether the process reads what it publishes, and so need not wait for it. */
  readonly readsHere?: boolean;
  /** Off: nothing is traced. */
  readonly traced?: boolean;
  readonly sampler?: TracingOptions['sampler'];
  readonly outcome?: EffectOutcome;
};

/** Both machines and both backends over a log, as one process runs them; every message is read to its end before the next is said. */
export class TracedWorld {
  readonly log = new LocalLog();
  readonly lines: Record<string, unknown>[] = [];
  readonly registry = new Registry();
  private readonly storage = new Storage();
  private readonly loops: StepLoops;
  private readonly effects: Readonly<Record<Backend, EffectLane>>;
  private readonly recorded: InMemorySpanExporter;
  private readCount = 0;

  constructor({ readsHere = false, traced = true, sampler = 'parentbased_always_on', outcome }: WorldOptions = {}) {
    const { exporter, tracing } = recording({ sampler });
    this.recorded = exporter;
    this.log.isReadHere = () => readsHere;
    const shared = {
      delivery: this.log.delivery,
      log: pino({ level: 'debug', base: null }, { write: (line) => this.lines.push(JSON.parse(line)) }),
      metrics: new RuntimeMetrics(this.registry),
      ...(traced ? { tracing } : {}),
    };
    this.loops = new StepLoops({
      ...shared,
      store: {
        countNodes: () => Promise.resolve(0),
        transact: async (_wanted, decide) => {
          const decided = decide(this.storage.load());
          this.storage.keep(decided);
          return decided;
        },
        startDeadlines: () => Promise.resolve(),
      },
      decided: () => undefined,
      timings: () => Promise.resolve(TIMINGS),
    });
    this.loops.serve(orchestrator, topicsOf('orchestrator'));
    this.loops.serve(reducer, topicsOf('reducer'));
    const lane = (backend: Backend): EffectLane => {
      const contract = contractOf('registry-effect');
      const handlers = new HandlerRegistry<EffectHandler>();
      const apply: EffectHandler['apply'] = (intents) =>
        Promise.resolve(intents.map(() => outcome ?? { ok: true as const }));
      for (const { handler } of contract.handler_routing.handlers) handlers.registerHandler({ id: handler, apply });
      handlers.freeze();
      const routing = new HandlerRouting(contract, handlers);
      routing.init();
      const store = { desiredRevisions: () => Promise.resolve(new Map<string, number>()) };
      const made = new EffectLane({ ...shared, backend, contract, routing, store, registryId: REGISTRY_ID });
      this.log.delivery.serve([INTENTS[backend]], (received) => made.handedOver(received));
      return made;
    };
    this.effects = { consul: lane('consul'), postgres: lane('postgres') };
  }

  /** All that ended, in that order. */
  get spans(): readonly ReadableSpan[] {
    return this.recorded.getFinishedSpans();
  }

  /** Appends the messages at once, and reads until nothing is left to be read. */
  async say(messages: readonly Input[], headers: TraceHeaders = {}): Promise<void> {
    this.log.append(
      messages.map((message) => ({
        topic: topicOf(message.eventType as 'NODE_INTROSPECTION'),
        key: message.payload.nodeId ?? '',
        value: encode(message),
        headers: Object.fromEntries(
          Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        ),
      })),
    );
    await this.readAll(messages.length);
  }

  /** The newest record of a topic. */
  newest(topic: TopicSuffix): LogRecord {
    const record = this.log.read(topic).at(-1);
    if (record === undefined) throw new Error(`nothing on ${topic}`);
    return record;
  }

  /** As a redelivery brings it. */
  async again(record: LogRecord): Promise<void> {
    await this.handle([record]);
    await this.readAll(1);
  }

  /** What was said together is read together, what follows one by one. */
  private async readAll(together: number): Promise<void> {
    for (let size = together; this.readCount < this.log.records.length; size = 1) {
      const batch = this.log.records.slice(this.readCount, this.readCount + size);
      this.readCount += batch.length;
      const unseen: LogRecord[] = [];
      for (const record of batch) unseen.push(...(await this.log.delivery.unseen([record])));
      await this.handle(unseen);
    }
  }

  private async handle(records: readonly LogRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const machine = takerOf(first.topic);
    if (machine !== null) await this.loops.handle(machine, records);
    for (const [backend, topic] of Object.entries(INTENTS)) {
      if (topic === first.topic) await this.effects[backend as Backend].handle(records);
    }
  }
}
