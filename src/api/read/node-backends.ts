import type { JsonObject } from '../../messages/index.js';
import type { Database } from '../../runtime/index.js';
import { rowsOf } from './query.js';

/** What both backends are to hold of a node, and what each has said of itself. */
export type NodeBackends = {
  readonly nodeId: string;
  /** Null where nothing was ever desired of the node. */
  readonly desired: {
    readonly revision: number;
    readonly presence: 'present' | 'absent';
    readonly health: 'critical' | 'passing';
    readonly attemptId: string;
    readonly record: JsonObject;
  } | null;
  readonly consul: NodeBackend;
  readonly postgres: NodeBackend;
};

export type NodeBackend = {
  /** `confirmed`: it holds the desired revision. `refused`: it will not take it. `pending`: its answer is to come. */
  readonly status: 'confirmed' | 'pending' | 'refused' | 'never_asked';
  /** Confirmed last; 0 before the first. */
  readonly confirmedRevision: number;
  readonly failure: { readonly revision: number; readonly code: string; readonly message: string } | null;
};

type Known = { readonly confirmed: number; readonly failure: NodeBackend['failure'] };

/** The reducer's state, as far as it is shown. */
type State = {
  readonly desired: NodeBackends['desired'];
  readonly consul: Known;
  readonly postgres: Known;
};

/** Null for a node that the reducer was never told of. */
export async function nodeBackends(database: Database, nodeId: string): Promise<NodeBackends | null> {
  const [row] = await rowsOf<{ readonly state: string }>(database, {
    name: 'node-backends',
    text: `select state::text as state from machine_states where machine = 'reducer' and node_id = $1`,
    values: [nodeId],
  });
  return row === undefined ? null : backendsOf(nodeId, JSON.parse(row.state) as State);
}

/** Of a node that was never desired: it was turned down before. */
export function noBackends(nodeId: string): NodeBackends {
  return { nodeId, desired: null, consul: NEVER_ASKED, postgres: NEVER_ASKED };
}

export function backendsOf(nodeId: string, { desired, consul, postgres }: State): NodeBackends {
  if (desired === null) return noBackends(nodeId);
  const { revision, presence, health, attemptId, record } = desired;
  return {
    nodeId,
    desired: { revision, presence, health, attemptId, record },
    consul: backendOf(consul, revision),
    postgres: backendOf(postgres, revision),
  };
}

const NEVER_ASKED: NodeBackend = { status: 'never_asked', confirmedRevision: 0, failure: null };

function backendOf({ confirmed, failure }: Known, desired: number): NodeBackend {
  const refused = failure !== null && failure.revision >= desired;
  const status = confirmed >= desired ? 'confirmed' : refused ? 'refused' : 'pending';
  return { status, confirmedRevision: confirmed, failure };
}
