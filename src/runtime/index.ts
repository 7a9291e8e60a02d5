/**
 * The only event loop: transports, routing by contract, journal, dead letters. Knows messages and contracts; components
 * hand it their handlers through dependency injection, and it never imports one.
 */
export { BUS, DRIFT_BELL, EVENT_SOURCE, LOG, METRICS, STATE_DATABASE, TRACING } from './tokens.js';
export type { TracedSpan } from './tracing/traced-span.js';
export type { Tracing } from './tracing/tracing.js';
export { BusUnavailable, type Bus, type Follower } from './bus.js';
export { PlaceLost, type Bounds, type EventEar, type EventReader, type EventSource } from './events/event-source.js';
export { EVENT_TOPICS } from './events/event-topics.js';
export { Place } from './events/place.js';
export type { LogRecord, OutgoingRecord } from './lanes/lane.js';
export { REDRIVE_HEADER } from './lanes/dead-letters.js';
export { createLog, type Log } from './log.js';
export { RuntimeModule } from './runtime.module.js';
export { Runtime } from './runtime.js';
export type { RuntimeOptions } from './options.js';
export type { Group } from './lanes/create-lanes.js';
export { ComponentRegistry, type EffectComponent, type MachineComponent } from './component-registry.js';
export { loadContract } from './contracts/load-contract.js';
export { BUCKETS, type BackendAudit, type Comparison, type DesiredNode, type Finding } from './drift/backend-audit.js';
export type { DriftBell } from './drift/drift-bell.js';
export type { Counts, DriftKind, DriftOptions, Held, RepairOutcome, RepairRequest } from './drift/drift-report.js';
export { decidedBy, HELD_REASONS, heldText, type HeldReason } from './drift/held-reasons.js';
export { ContractError } from './contracts/contract-error.js';
export { Database, DatabaseNotReady } from './journal/database.js';
export type { Upkeep } from './journal/migrate.js';
export { checkPrivileges, statePrivileges, type TablePrivileges } from './journal/privileges.js';
export type { DatabaseUrl } from './journal/connection-of.js';
export { withAdvice } from './troubles/advice.js';
export type { KafkaSecurity } from './kafka/kafka-security.js';
export { openBus } from './embedded/open-bus.js';
export { openStateDatabase, type StateDatabaseOptions } from './open-state-database.js';
export { createMachine } from './replay/create-machine.js';
export { readHistories, type History } from './journal/read-histories.js';
export { DeclaredDifferences, type DeclaredDifference } from './replay/differences.js';
export { verifyHistories, verifyJournal, type Verified, type VerifyOptions } from './replay/verify-journal.js';
export { stateMigrations } from './journal/migrations/index.js';
export { readDatabaseFacts, type DatabaseFacts } from './journal/database-facts.js';
export { readKafkaFacts, type KafkaFacts, type TopicFacts } from './kafka/kafka-facts.js';
export {
  HealthRegistry,
  type ComponentHealth,
  type ComponentStatus,
  type Health,
  type Probe,
} from './health-registry.js';
