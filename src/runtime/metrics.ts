import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Input } from '../messages/index.js';
import type { AuditReport, Counts } from './drift/drift-report.js';
import { decidedBy } from './drift/held-reasons.js';
import type { Finding } from './drift/backend-audit.js';
import type { Step } from './lanes/step.js';
import { RegistrationTimes } from './registration-times.js';

/** What the runtime counts. Labels are closed sets: names of machines, rules, groups, topics; never of nodes. */
export class RuntimeMetrics {
  private readonly steps: Counter<'machine' | 'message' | 'rule'>;
  private readonly ignored: Counter<'machine' | 'message' | 'reason'>;
  private readonly doubts: Counter<'message' | 'reason'>;
  private readonly registrations: RegistrationTimes;
  private readonly repeats: Counter<'machine'>;
  private readonly letters: Counter<'component'>;
  private readonly batches: Histogram<'component'>;
  private readonly stages: Histogram<'component' | 'stage'>;
  private readonly effects: Counter<'operation' | 'outcome'>;
  private readonly effectSeconds: Histogram<'operation'>;
  private readonly dropped: Counter<'backend' | 'reason'>;
  private readonly lag: Gauge<'group' | 'topic' | 'partition'>;
  private readonly markers: Counter<'kind'>;
  private readonly leading: Gauge;
  private readonly held: Gauge;
  private readonly beats: Counter<'outcome'>;
  private readonly told: Counter<'outcome'>;
  private readonly driftEntries: Gauge<'backend' | 'kind'>;
  private readonly driftRepaired: Counter<'backend' | 'kind'>;
  private readonly driftAudits: Histogram<'backend'>;
  private readonly driftHeld: Gauge<'backend'>;
  private readonly driftAudited: Gauge<'backend'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.steps = new Counter({
      name: 'rollcall_steps_total',
      help: 'Steps taken, by machine, message and rule of the contract',
      labelNames: ['machine', 'message', 'rule'],
      registers,
    });
    this.ignored = new Counter({
      name: 'rollcall_ignored_messages_total',
      help: 'Messages that changed nothing, by reason',
      labelNames: ['machine', 'message', 'reason'],
      registers,
    });
    this.doubts = new Counter({
      name: 'rollcall_doubted_messages_total',
      help: 'Messages that somebody else may have said, by what is wrong with their signature; in mode required they had no effect',
      labelNames: ['message', 'reason'],
      registers,
    });
    this.registrations = new RegistrationTimes(registry);
    this.repeats = new Counter({
      name: 'rollcall_repeated_inputs_total',
      help: 'Inputs decided before, whose recorded outputs were published again',
      labelNames: ['machine'],
      registers,
    });
    this.letters = new Counter({
      name: 'rollcall_dead_letters_total',
      help: 'Dead letters written, by the component that could not take the message',
      labelNames: ['component'],
      registers,
    });
    this.batches = new Histogram({
      name: 'rollcall_batch_records',
      help: 'Records handled in one transaction or one backend batch',
      labelNames: ['component'],
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
      registers,
    });
    this.stages = new Histogram({
      name: 'rollcall_stage_duration_seconds',
      help: 'Time that a batch spends in each stage of its lane',
      labelNames: ['component', 'stage'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.effects = new Counter({
      name: 'rollcall_effects_total',
      help: 'Intents carried out, by operation and outcome (ok or error code)',
      labelNames: ['operation', 'outcome'],
      registers,
    });
    this.effectSeconds = new Histogram({
      name: 'rollcall_effect_duration_seconds',
      help: 'Time that a backend takes for one batch of intents of an operation, further tries included',
      labelNames: ['operation'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.dropped = new Counter({
      name: 'rollcall_dropped_intents_total',
      help: 'Intents passed over because a newer one of the node stands for them',
      labelNames: ['backend', 'reason'],
      registers,
    });
    this.lag = new Gauge({
      name: 'rollcall_consumer_lag_records',
      help: 'Records of a partition that its consumer group has not committed yet',
      labelNames: ['group', 'topic', 'partition'],
      registers,
    });
    this.markers = new Counter({
      name: 'rollcall_deadline_markers_total',
      help: 'Markers of passed deadlines published into the topic that they judge, by kind of deadline',
      labelNames: ['kind'],
      registers,
    });
    this.leading = new Gauge({
      name: 'rollcall_deadline_scan_leader',
      help: 'Whether this process leads the scan for deadlines: 1, else 0',
      registers,
    });
    this.held = new Gauge({
      name: 'rollcall_expiry_held',
      help: 'Whether expiry is held back because too much of the fleet fell silent at once: 1, else 0',
      registers,
    });
    this.beats = new Counter({
      name: 'rollcall_heartbeats_total',
      help: 'Heartbeats, by outcome: extended, coalesced with a later one of its batch, or the reason why it changed nothing',
      labelNames: ['outcome'],
      registers,
    });
    this.told = new Counter({
      name: 'rollcall_snapshots_total',
      help: 'Nodes looked at for the topic of snapshots, by outcome: published, removed (a tombstone), unchanged, or ahead of the state',
      labelNames: ['outcome'],
      registers,
    });
    this.driftEntries = new Gauge({
      name: 'rollcall_drift_entries',
      help: 'Entries of a backend that the last audit found to be not as desired, by kind; of the leading process only',
      labelNames: ['backend', 'kind'],
      registers,
    });
    this.driftRepaired = new Counter({
      name: 'rollcall_drift_repairs_total',
      help: 'Repairs of drift that the reducer was asked for, by kind of drift',
      labelNames: ['backend', 'kind'],
      registers,
    });
    this.driftAudits = new Histogram({
      name: 'rollcall_drift_audit_seconds',
      help: 'Time that one audit of a backend takes, repairs left out',
      labelNames: ['backend'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
      registers,
    });
    this.driftHeld = new Gauge({
      name: 'rollcall_drift_held',
      help: 'Whether repair waits for the decision of an operator: 1, else 0; of the leading process only',
      labelNames: ['backend'],
      registers,
    });
    this.driftAudited = new Gauge({
      name: 'rollcall_drift_last_audit_timestamp_seconds',
      help: 'When the last audit that came to its end was done; of the leading process only',
      labelNames: ['backend'],
      registers,
    });
  }

  driftAudit({ backend, counts, held, cutOff, finishedAt }: AuditReport, seconds: number): void {
    this.driftAudits.observe({ backend }, seconds);
    for (const kind of Object.keys(counts) as (keyof Counts)[]) this.driftEntries.set({ backend, kind }, counts[kind]);
    this.driftHeld.set({ backend }, held.some(({ reason }) => decidedBy(reason) === 'operator') ? 1 : 0);
    if (cutOff === null) this.driftAudited.set({ backend }, Date.parse(finishedAt) / 1000);
  }

  /** Another process leads: what this one knew is old. */
  driftElsewhere(): void {
    this.driftEntries.reset();
    this.driftHeld.reset();
    this.driftAudited.reset();
  }

  driftRepairs(backend: string, findings: readonly Finding[]): void {
    for (const { drift } of findings) this.driftRepaired.inc({ backend, kind: drift });
  }

  marker(kind: string): void {
    this.markers.inc({ kind });
  }

  leads(leads: boolean): void {
    this.leading.set(leads ? 1 : 0);
  }

  expiryHeld(held: boolean): void {
    this.held.set(held ? 1 : 0);
  }

  heartbeats(outcome: string, count: number): void {
    if (count > 0) this.beats.inc({ outcome }, count);
  }

  step(machine: string, message: Input, step: Step): void {
    if (step.ignored !== null) {
      this.ignored.inc({ machine, message: message.eventType, reason: step.ignored });
      return;
    }
    this.steps.inc({ machine, message: message.eventType, rule: step.rule });
    this.registrations.step(message, step.outputs);
  }

  snapshots(outcome: 'published' | 'removed' | 'unchanged' | 'ahead', count: number): void {
    if (count > 0) this.told.inc({ outcome }, count);
  }

  repeated(machine: string, count: number): void {
    if (count > 0) this.repeats.inc({ machine }, count);
  }

  deadLetters(component: string, count: number): void {
    if (count > 0) this.letters.inc({ component }, count);
  }

  batch(component: string, records: number): void {
    this.batches.observe({ component }, records);
  }

  /** Measures one stage of a batch, whether it succeeds or not. */
  async timed<T>(
    component: string,
    stage: 'decide_and_store' | 'apply' | 'publish' | 'start_deadlines' | 'look',
    work: () => Promise<T>,
  ): Promise<T> {
    const end = this.stages.startTimer({ component, stage });
    try {
      return await work();
    } finally {
      end();
    }
  }

  doubted(message: string, reason: string, count = 1): void {
    this.doubts.inc({ message, reason }, count);
  }

  effect(operation: string, outcome: string, count = 1): void {
    this.effects.inc({ operation, outcome }, count);
  }

  effectDuration(operation: string, seconds: number): void {
    this.effectSeconds.observe({ operation }, seconds);
  }

  intentsDropped(backend: string, reason: 'stale' | 'coalesced', count: number): void {
    if (count > 0) this.dropped.inc({ backend, reason }, count);
  }

  partitionLag(group: string, topic: string, partition: number, records: number): void {
    this.lag.set({ group, topic, partition: String(partition) }, records);
  }
}
