import { cpuPerThousand, median, pairedRatio } from '../rounds.js';
import type { Chart, CpuSeconds, Figure, Result } from '../scenario.js';
import type { Read } from './asks.js';
import type { Counted } from './load-main.js';

export const SETTINGS = ['alone', 'beside registrations'] as const;
export type Setting = (typeof SETTINGS)[number];

/** One measured window: of the registry, or of the bare engines, whose CPU stands for the registry's then. */
export type Round = Counted & { readonly cpu: CpuSeconds };

/** Windows of one kind of read, bare engine and registry in turn. */
export type Rounds = {
  readonly read: Read;
  readonly setting: Setting;
  readonly bare: readonly Round[];
  readonly ours: readonly Round[];
};

const TITLES: Readonly<Record<Read, string>> = {
  rest: 'REST by id',
  graphql: 'GraphQL by id',
  page: 'GraphQL page of 50',
  'counted-page': 'GraphQL page of 50 with totalCount',
};

export type Measured = {
  readonly rounds: readonly Rounds[];
  readonly nodes: number;
  readonly connections: number;
  /** In the second setting: on their way at any time, and how many became active. */
  readonly registrations: { readonly outstanding: number; readonly perSecond: number };
  readonly warmUpMs: number;
  readonly windowMs: number;
};

export function resultOf({ rounds, nodes, connections, registrations, warmUpMs, windowMs }: Measured): Result {
  return {
    name: 'reads',
    title: 'Reads: a node by id over REST and GraphQL, and filtered pages of 50',
    method:
      `${rounds[0]?.ours.length ?? 0} rounds of ${windowMs / 1000} s each after ${warmUpMs / 1000} s of warm-up, bare engine and registry in turn, ` +
      `${connections} keep-alive connections that ask for nodes of ${nodes} at random, one request at a time each; the filter lets pass one node in ten. Bare: Fastify and ` +
      `Mercurius with the same options, answering from memory. Then the same beside a closed loop of ${registrations.outstanding} registrations, ` +
      `of which ${registrations.perSecond.toFixed(0)} a second were done meanwhile`,
    figures: rounds.flatMap(figuresOf),
    charts: SETTINGS.map((setting) => chartOf(setting, rounds)),
    raw: { rounds, registrations },
  };
}

function figuresOf({ read, setting, bare, ours }: Rounds): readonly Figure[] {
  const title = `${TITLES[read]}, ${setting}`;
  const wanted = setting === 'alone' ? WANTED[read] : undefined;
  const [bareRates, ourRates] = [bare.map(rateOf), ours.map(rateOf)];
  return [
    { name: `bare engine: ${title}`, unit: '1/s', values: bareRates, cpuPerThousand: cpuOf(bare) },
    {
      name: title,
      unit: '1/s',
      values: ourRates,
      cpuPerThousand: cpuOf(ours),
      ratio: { of: 'bare engine', value: pairedRatio(ourRates, bareRates) },
      ...(wanted !== undefined && { wanted }),
    },
    { name: `${title}: p50`, unit: 'ms', values: ours.map(({ p50 }) => p50) },
    { name: `${title}: p99`, unit: 'ms', values: ours.map(({ p99 }) => p99) },
  ];
}

const WANTED: Readonly<Partial<Record<Read, string>>> = {
  rest: 'at least 15,500/s where the machine allows',
  graphql: 'at least 0.5 x the bare engine; goal 0.8 x',
};

function chartOf(setting: Setting, rounds: readonly Rounds[]): Chart {
  const shown = rounds.filter((one) => one.setting === setting);
  const points = (of: 'bare' | 'ours') => shown.map((one) => [TITLES[one.read], median(one[of].map(rateOf))] as const);
  return {
    file: `reads-${setting.replace(' ', '-')}.svg`,
    title: `Reads a second, ${setting}`,
    xLabel: 'what is read',
    yLabel: 'reads a second',
    kind: 'bar',
    series: [
      { name: 'bare engine', points: points('bare') },
      { name: 'Rollcall', points: points('ours') },
    ],
  };
}

function cpuOf(rounds: readonly Round[]): CpuSeconds {
  return cpuPerThousand(rounds.map(({ cpu, answers }) => ({ cpu, operations: answers })));
}

function rateOf({ answers, seconds }: Round): number {
  return answers / seconds;
}
