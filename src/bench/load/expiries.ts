/** A node that the registry took for dead. Times in epoch milliseconds, of the clock that broker and database share on one machine. */
export type Expiry = {
  /** When the broker took LIVENESS_EXPIRED. */
  readonly toldAt: number;
  readonly deadlineAt: number;
  /** When the log took its last heartbeat; null where none came. */
  readonly lastHeartbeatAt: number | null;
};

/** Who expired, and whether that was right: those that were silenced on purpose, and all others. */
export class Expiries {
  private readonly silenced = new Set<string>();
  private readonly expired = new Map<string, Expiry>();

  /** Call it before their heartbeats end. */
  silence(nodeIds: readonly string[]): void {
    for (const nodeId of nodeIds) this.silenced.add(nodeId);
  }

  /** `value`: of a NODE_LIVENESS_EXPIRED; a copy of one changes nothing. */
  note(nodeId: string, value: Buffer, toldAt: number): void {
    if (this.expired.has(nodeId)) return;
    const { payload } = JSON.parse(value.toString()) as {
      readonly payload: { readonly deadline_at: string; readonly last_heartbeat_at: string | null };
    };
    const { deadline_at: deadlineAt, last_heartbeat_at: lastAt } = payload;
    this.expired.set(nodeId, {
      toldAt,
      deadlineAt: Date.parse(deadlineAt),
      lastHeartbeatAt: lastAt === null ? null : Date.parse(lastAt),
    });
  }

  /** Those among the nodes that have expired. */
  of(nodeIds: readonly string[]): readonly Expiry[] {
    return nodeIds.flatMap((nodeId) => this.expired.get(nodeId) ?? []);
  }

  /** Nodes that expired although they had gone on beating. */
  get wrongful(): readonly string[] {
    return [...this.expired.keys()].filter((nodeId) => !this.silenced.has(nodeId));
  }
}

/** Milliseconds from the deadline to the telling. */
export function afterDeadline({ toldAt, deadlineAt }: Expiry): number {
  return toldAt - deadlineAt;
}

/** Milliseconds from the last heartbeat to the telling; NaN without any. */
export function afterLastHeartbeat({ toldAt, lastHeartbeatAt }: Expiry): number {
  return toldAt - (lastHeartbeatAt ?? NaN);
}
