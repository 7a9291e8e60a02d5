import type { NodeState } from '../../api-answers/answers.js';
import { graphql } from './graphql.js';
import { NODE_STATES, NODE_TYPES, type NodeType } from './fleet-model.js';

/** The whole fleet in numbers. `degraded` is null where it cannot be told: of the past. */
export type Stats = {
  readonly total: number;
  readonly degraded: number | null;
  readonly byState: ReadonlyMap<NodeState, number>;
  /** Null: rejected nodes that named no type that exists. */
  readonly byType: ReadonlyMap<NodeType | null, number>;
};

const NOW = '{ registryStats { total degraded byState { state count } byType { nodeType count } } }';

type StatsNow = {
  readonly registryStats: {
    readonly total: number;
    readonly degraded: number;
    readonly byState: readonly { readonly state: NodeState; readonly count: number }[];
    readonly byType: readonly { readonly nodeType: NodeType | null; readonly count: number }[];
  };
};

export async function readStats(asOf: string | null, signal: AbortSignal): Promise<Stats> {
  return asOf === null ? statsNow(signal) : statsThen(asOf, signal);
}

async function statsNow(signal: AbortSignal): Promise<Stats> {
  const { registryStats: stats } = await graphql<StatsNow>(NOW, {}, signal);
  return {
    total: stats.total,
    degraded: stats.degraded,
    byState: new Map(stats.byState.map(({ state, count }) => [state, count])),
    byType: new Map(stats.byType.map(({ nodeType, count }) => [nodeType, count])),
  };
}

/** The past is counted by its lists, all in one request: a name for each state and type. */
const counted = (name: string, filter: string): string => `${name}: nodes(first: 1${filter}) { totalCount }`;
const THEN = `query ($asOf: DateTime!) { registry(asOf: $asOf) {
  ${counted('total', '')}
  ${NODE_STATES.map((state) => counted(state, `, filter: { state: ${state} }`)).join('\n')}
  ${NODE_TYPES.map((type) => counted(`type_${type}`, `, filter: { nodeType: ${type} }`)).join('\n')}
} }`;

type StatsThen = { readonly registry: Readonly<Record<string, { readonly totalCount: number }>> };

async function statsThen(asOf: string, signal: AbortSignal): Promise<Stats> {
  const { registry } = await graphql<StatsThen>(THEN, { asOf }, signal);
  const count = (name: string): number => registry[name]?.totalCount ?? 0;
  const byType = NODE_TYPES.map((type) => [type as NodeType | null, count(`type_${type}`)] as const);
  const typed = byType.reduce((sum, [, nodes]) => sum + nodes, 0);
  return {
    total: count('total'),
    degraded: null,
    byState: new Map(NODE_STATES.map((state) => [state, count(state)])),
    byType: new Map([...byType, [null, count('total') - typed]]),
  };
}
