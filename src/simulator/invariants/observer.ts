import type { Backend } from '../../messages/index.js';
import type { TableWrite } from '../backends/registry-table.js';
import type { ConsulWrite } from '../backends/simulated-consul.js';
import type { Appended } from '../kafka/broker.js';
import type { Place } from '../kafka/coordinator.js';
import type { JournalRow, StateRow } from '../stores/rows.js';
import type { Owner } from '../time/virtual-time.js';

/** A message as it stands in the log. */
export type WireMessage = {
  readonly event_id: string;
  readonly event_type: string;
  readonly event_timestamp: string;
  readonly causation_id: string | null;
  readonly payload: Readonly<Record<string, unknown>> & { readonly node_id: string };
};

/** REGISTRY_DRIFT_DETECTED, as it stands in the log. */
export type RepairMessage = WireMessage & {
  /** Of the audit. */
  readonly correlation_id: string;
  readonly payload: {
    readonly node_id: string;
    readonly backend: Backend;
    readonly drift: 'missing' | 'altered' | 'ghost';
    readonly revision: number | null;
  };
};

/** A record at the moment of its append; `message` is null where it is none. */
export type Seen = Appended & { readonly message: WireMessage | null };

/** What can be heard of a run while it goes on. */
export type Observer = {
  appended?(record: Seen): void;
  stored?(rows: readonly StateRow[], entries: readonly JournalRow[]): void;
  /** A group will not read again what lies between the offsets. */
  offsetCommitted?(group: string, place: Place, from: number, to: number): void;
  consulWritten?(write: ConsulWrite): void;
  tableWritten?(write: TableWrite): void;
  /** A process has an intent for Consul in hand, and has not asked whether it still is desired, or did not listen. */
  carriedOutBlindly?(owner: Owner, what: string): void;
  auditBegun?(owner: Owner, auditId: string): void;
  /** An audit could not read its backend. */
  backendUnread?(owner: Owner, backend: Backend): void;
  /** `serves`: whether the process's own breaker lets writes to the backend through. */
  repairAsked?(owner: Owner, repair: RepairMessage, serves: boolean): void;
};

/** Null where it is no message at all. What a component thinks of it is another question. */
export function wireMessage(value: Buffer | null): WireMessage | null {
  if (value === null) return null;
  try {
    const json = JSON.parse(value.toString()) as Partial<WireMessage> | null;
    const payload: unknown = json?.payload;
    if (typeof json?.event_id !== 'string' || typeof payload !== 'object' || payload === null) return null;
    return json as WireMessage;
  } catch {
    return null;
  }
}
