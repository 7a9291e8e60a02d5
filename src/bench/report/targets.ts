import { median } from '../rounds.js';
import type { Figure } from '../scenario.js';
import type { Results, Stored } from './results.js';
import { tableText } from './markdown-table.js';
import { numberText } from './table.js';

type Target = {
  readonly what: string;
  readonly floor: string;
  readonly goal: string;
  /** Whose result tells. */
  readonly scenario: string;
  /** Names of its figures, with how each is told; those that are not there are left out. */
  readonly figures: readonly (readonly [name: string, tell: (figure: Figure) => string])[];
};

const NOT_MEASURED = 'not measured yet';

const inUnit =
  (unit: string) =>
  (figure: Figure): string =>
    `${middleOf(figure)}${unit}`;
const ratio = (figure: Figure): string => `${ratioOf(figure)} (${middleOf(figure)}/s)`;

/** What the pipeline was built to reach, on two cores with everything on them. */
const TARGETS: readonly Target[] = [
  {
    what: 'registrations per second, sustained',
    floor: '0.4 x rAll',
    goal: '0.8 x rAll',
    scenario: 'registrations',
    figures: [['registrations per second', ratio]],
  },
  {
    what: 'publish to active at 50/s, p50',
    floor: '60 ms',
    goal: '20 ms',
    scenario: 'latencies',
    figures: [['publish to active p50 at 50/s', inUnit(' ms')]],
  },
  {
    what: 'publish to active at 50/s, p99',
    floor: '150 ms',
    goal: '60 ms',
    scenario: 'latencies',
    figures: [['publish to active p99 at 50/s', inUnit(' ms')]],
  },
  ...[10_000, 100_000].map((nodes): Target => ({
    what: `heartbeats per second, ${nodes.toLocaleString('en')} nodes`,
    floor: '0.4 x raw consumption',
    goal: '0.7 x raw consumption, at least 50,000/s',
    scenario: 'heartbeats',
    figures: [
      [`heartbeats consumed per second at ${nodes} nodes`, ratio],
      [
        `heartbeats sustained per second at ${nodes} nodes, deadline durable within 1 s`,
        (figure) => `sustained ${middleOf(figure)}/s`,
      ],
    ],
  })),
  {
    what: '100,000 nodes, each with a heartbeat every 10 s',
    floor: 'no false expiry; stall of the event loop p99 50 ms',
    goal: 'stall 20 ms; under 1,024 MiB resident',
    scenario: 'large-fleet',
    figures: [
      ['false expiries', (figure) => `${middleOf(figure)} false expiries`],
      ['event-loop stall p99', (figure) => `stall p99 ${middleOf(figure)} ms`],
      ['resident memory of the registry', (figure) => `${middleOf(figure)} MiB resident`],
    ],
  },
  {
    what: 'a silent node told of after its deadline, p99',
    floor: '2 s',
    goal: '1 s',
    scenario: 'large-fleet',
    figures: [
      ['one silent node: deadline to LIVENESS_EXPIRED p99', (figure) => `one node ${middleOf(figure)} ms`],
      ['10000 silent at once: deadline to LIVENESS_EXPIRED p99', (figure) => `10,000 at once ${middleOf(figure)} ms`],
    ],
  },
  {
    what: 'a node by id over GraphQL',
    floor: '0.5 x bare engine',
    goal: '0.8 x bare engine',
    scenario: 'reads',
    figures: [['GraphQL by id, alone', ratio]],
  },
  {
    what: 'own CPU for 1,000 registrations',
    floor: "at most twice the stub's",
    goal: 'at most 1.3 times',
    scenario: 'registrations',
    figures: [
      ["the registry's own CPU for 1,000 registrations", (figure) => `${ratioOf(figure)} (${middleOf(figure)} s)`],
    ],
  },
];

/** The targets with what was reached: medians of what was measured, and nothing else. */
export function targetsPart({ results }: Results): string {
  const rows = TARGETS.map((target) => [target.what, target.floor, target.goal, reached(target, results)]);
  return tableText(['what', 'floor', 'goal', 'reached'], rows);
}

function reached({ scenario, figures }: Target, results: readonly Stored[]): string {
  const stored = results.find(({ name }) => name === scenario);
  const found = figures.map(([name, tell]) => {
    const figure = stored?.figures.find((one) => one.name === name);
    return figure === undefined || figure.values.length === 0 ? undefined : tell(figure);
  });
  if (stored === undefined || found.every((text) => text === undefined)) return NOT_MEASURED;
  const told = found.filter((text) => text !== undefined).join('; ');
  return stored.quick ? `${told} _(a quick run: shorter, of fewer nodes)_` : told;
}

function middleOf({ values }: Figure): string {
  return numberText(median(values));
}

function ratioOf({ ratio: found }: Figure): string {
  return found === undefined ? 'no ratio' : `${found.value.toFixed(2)} x`;
}
