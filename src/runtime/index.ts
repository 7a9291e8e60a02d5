/**
 * The only event loop: transports, routing by contract, journal, dead letters. Knows messages and contracts; components
 * hand it their handlers through dependency injection, and it never imports one.
 */
export { BUS, DRIFT_BELL, LOG, METRICS, STATE_DATABASE } from './tokens.js';
export { BusUnavailable, type Bus, type Follower } from './bus.js';
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
export { openStateDatabase, type StateDatabaseOptions } from './open-state-database.js';
export { createMachine } from './replay/create-machine.js';
export { readHistories, type History } from './journal/read-histories.js';
export { DeclaredDifferences, type DeclaredDifference } from './replay/differences.js';
export { verifyHistories, verifyJournal, type Verified, type VerifyOptions } from './replay/verify-journal.js';
export { stateMigrations } from './journal/migrations/index.js';
export {
  HealthRegistry,
  type ComponentHealth,
  type ComponentStatus,
  type Health,
  type Probe,
} from './health-registry.js';
