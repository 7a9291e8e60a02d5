import type { Bench, Figure, Result } from '../scenario.js';
import { herdFigures, type Herd } from './herd.js';
import type { Idle } from './large-fleet-idle.js';
import type { Size } from './large-fleet-parts.js';
import type { Start } from './large-fleet-start.js';
import { steadyFigures, type Steady } from './large-fleet-steady.js';
import { silenceFigures, type Silence } from './silence.js';

export type Measured = {
  readonly size: Size;
  readonly idleEmpty: Idle;
  readonly idleFull: Idle;
  readonly starts: readonly Start[];
  readonly steady: readonly Steady[];
  readonly single: Silence;
  readonly mass: Silence;
  readonly herd: Herd;
  readonly wrongful: readonly string[];
};

export function largeFleetResult(bench: Bench, measured: Measured): Result {
  const { size, idleEmpty, idleFull, starts, steady, single, mass, herd, wrongful } = measured;
  const { nodes, intervalMs } = size;
  const idle = (name: string, percent: number): Figure => ({ name, unit: '% of a core', values: [percent] });
  return {
    name: 'large-fleet',
    title: `${nodes} active nodes: idle, start, heartbeats, silence, a herd`,
    method:
      `${nodes} active nodes with heartbeats every ${intervalMs / 1000} s, evenly; one was registered, the others are copies of what it left in PostgreSQL and Consul (the audit finds ` +
      `nothing amiss). Idle: nobody beats, nobody owes heartbeats. Start (${starts.length}): a node waits for it in the log. Heartbeats: ${bench.rounds} rounds. Silence: ${size.singles} nodes one by one, then ` +
      `${size.silent} at once; from deadline_at of the event to the broker's time of it. ${guardText(measured)} Herd: ${size.herd} new nodes at once beside the heartbeats, each ` +
      'beating once it is active. False expiries: over all of it, and a window longer. The stall is what prom-client reports, without the 10 ms at which it samples',
    figures: [
      idle('CPU of an idle registry without nodes', idleEmpty.registry),
      idle(`CPU of an idle registry with ${nodes} nodes`, idleFull.registry),
      idle(`CPU of PostgreSQL beside it, with ${nodes} nodes`, idleFull.postgres),
      { name: `start with ${nodes} nodes: spawn to ready`, unit: 'ms', values: starts.map(({ readyMs }) => readyMs) },
      {
        name: `start with ${nodes} nodes: spawn to the first step's output`,
        unit: 'ms',
        values: starts.map(({ firstStepMs }) => firstStepMs),
      },
      ...steadyFigures(steady),
      { name: 'false expiries', unit: '', values: [wrongful.length], wanted: 'none' },
      ...silenceFigures(single, mass),
      ...herdFigures([herd]),
    ],
    raw: {
      ...measured,
      starts: starts.map(({ readyMs, firstStepMs }) => ({ readyMs, firstStepMs })),
      mass: { wasHeld: mass.wasHeld },
      wrongful: wrongful.slice(0, 100),
    },
  };
}

function guardText({ mass, size }: Measured): string {
  const share = `${size.silent} of ${size.nodes} is`;
  return mass.wasHeld
    ? `The mass-expiry guard (default settings) held expiry back for a while.`
    : `The mass-expiry guard (default settings: more than 30 % of the fleet) let them go: ${share} less.`;
}
