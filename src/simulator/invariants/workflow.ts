import { isJsonObject } from '../../messages/index.js';
import type { World } from '../world.js';

/** Of the orchestrator's state, what invariants look at. */
export type Workflow = {
  readonly status: string;
  readonly attemptId: string;
  readonly acknowledgement: 'required' | 'waived';
  readonly liveness: 'heartbeat' | 'none';
  readonly record: Readonly<Record<string, unknown>>;
};

/** Of the reducer's. */
export type Wanted = {
  readonly status: string;
  readonly desired: {
    readonly revision: number;
    readonly presence: 'present' | 'absent';
    readonly health: 'critical' | 'passing';
    readonly attemptId: string;
    readonly record: Readonly<Record<string, unknown>> & {
      readonly nodeId: string;
      readonly nodeType: string;
      readonly capabilityTags: readonly string[];
    };
  } | null;
  readonly consul: { readonly confirmed: number; readonly failure: { readonly revision: number } | null };
  readonly postgres: { readonly confirmed: number; readonly failure: { readonly revision: number } | null };
};

export function workflows(world: World): readonly (readonly [string, Workflow])[] {
  return statesOf<Workflow>(world, 'orchestrator');
}

export function wanted(world: World): readonly (readonly [string, Wanted])[] {
  return statesOf<Wanted>(world, 'reducer');
}

function statesOf<S>(world: World, machine: string): readonly (readonly [string, S])[] {
  return [...world.table.rows.values()]
    .filter((row) => row.machine === machine && isJsonObject(row.state))
    .map((row) => [row.nodeId, row.state as unknown as S] as const);
}
