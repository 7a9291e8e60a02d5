import type { DeadlineKind } from '../../src/runtime/lanes/step.js';
import type { Queryable } from '../../src/runtime/journal/due-deadlines.js';
import { correlation } from './builders.js';

export type NodeSeed = {
  readonly nodeId: string;
  readonly machine?: 'orchestrator' | 'reducer';
  /** Default: active. */
  readonly status?: string;
  /** Default: liveness; null for none. */
  readonly kind?: DeadlineKind | null;
  /** From now, by the database's clock; below zero it has passed. Default: overdue by a second. */
  readonly dueInMs?: number;
  /** How long it was armed for. Default: 30 s. */
  readonly afterMs?: number;
  readonly updatedMsAgo?: number;
};

/** Rows of the machines as their lanes would leave them, with as much state as the scan for deadlines reads. */
export async function seedNodes(database: Queryable, seeds: readonly NodeSeed[]): Promise<void> {
  const rows = seeds.map((seed) => {
    const { nodeId, machine = 'orchestrator', status = 'active', kind = 'liveness', dueInMs = -1000 } = seed;
    const armed = kind === null ? null : { dueInMs, afterMs: seed.afterMs ?? 30_000 };
    return { nodeId, machine, status, kind, ...armed, updatedMsAgo: seed.updatedMsAgo ?? 0 };
  });
  await database.query(
    `insert into machine_states
       (machine, node_id, version, status, state, deadline_kind, deadline_after_ms, deadline_at, updated_at)
     select s.machine, s."nodeId", 3, s.status, json_build_object('status', s.status, 'correlationId', $2::text)::text, s.kind,
       s."afterMs", date_trunc('milliseconds', now()) + s."dueInMs" * interval '1 millisecond',
       now() - s."updatedMsAgo" * interval '1 millisecond'
     from json_to_recordset($1::json) as s(machine text, "nodeId" text, status text, kind text, "dueInMs" integer,
       "afterMs" integer, "updatedMsAgo" integer)`,
    [JSON.stringify(rows), correlation(1)],
  );
}

/** So many nodes of one kind, `{name}-000` and on. */
export function seeds(count: number, name: string, seed: Omit<NodeSeed, 'nodeId'> = {}): readonly NodeSeed[] {
  return Array.from({ length: count }, (_, n) => ({ nodeId: `${name}-${String(n).padStart(3, '0')}`, ...seed }));
}

/** The nodes speak: their deadlines are armed anew. */
export async function speak(database: Queryable, nodes: string): Promise<void> {
  await database.query(
    `update machine_states set deadline_at = date_trunc('milliseconds', clock_timestamp()) + deadline_after_ms * interval '1 millisecond'
     where node_id like $1 || '%'`,
    [nodes],
  );
}
