import type { Backend, TopicSuffix } from '../../messages/index.js';
import type { Routed } from '../component-registry.js';
import type { Contract } from '../contracts/contract.js';
import type { StateStore } from '../journal/state-store.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { EffectLane } from './effect-lane.js';
import type { EffectHandler } from './effect.js';
import { HeartbeatLane } from './heartbeat-lane.js';
import { IntrospectionRequests } from './introspection-requests.js';
import type { Lane, Publish } from './lane.js';
import { MachineLane } from './machine-lane.js';
import { Machine } from './machine.js';
import type { MachineHandler, Timings } from './step.js';

/** Consumer groups that components name, without their prefix. */
export type Group = Contract['consumes'][number]['group'];

type Handle = Pick<Lane, 'handle'>;

export type LaneParts = {
  readonly registryId: string;
  readonly store: StateStore;
  readonly publish: Publish;
  readonly timings: () => Promise<Timings>;
  /** Told of nodes whose workflow took a step. */
  readonly decided: (nodeIds: readonly string[]) => void;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** A lane for every group of every component. */
export class Lanes {
  constructor(private readonly parts: LaneParts) {}

  /** All groups of a machine share its loop; heartbeats pass by it, and hand it what is a step. */
  ofMachine({ contract, routing }: Routed<MachineHandler>): readonly Lane[] {
    const { registryId, decided, store: journal, ...parts } = this.parts;
    const machine = new Machine(contract, routing, registryId);
    const isWorkflow = groupsOf(contract).includes('heartbeats');
    const loop = new MachineLane({ ...parts, machine, journal, ...(isWorkflow ? { decided } : {}) });
    return groupsOf(contract).map((group) =>
      laneOf(contract, group, group === 'heartbeats' ? this.heartbeats(machine, loop) : loop),
    );
  }

  /** A loop for each backend. */
  ofEffect({ contract, routing }: Routed<EffectHandler>): readonly Lane[] {
    const { store: journal, ...parts } = this.parts;
    return groupsOf(contract).map((group) =>
      laneOf(contract, group, new EffectLane({ ...parts, backend: group as Backend, contract, routing, journal })),
    );
  }

  private heartbeats(machine: Machine, loop: MachineLane): HeartbeatLane {
    const { store, publish, metrics } = this.parts;
    return new HeartbeatLane({
      machine,
      extend: (statuses, signs) => store.extendDeadlines(machine.name, { kind: 'liveness', statuses }, signs),
      decide: (records) => loop.handle(records),
      requests: new IntrospectionRequests(),
      publish,
      metrics,
    });
  }
}

function laneOf({ consumes }: Contract, group: Group, loop: Handle): Lane {
  return {
    group,
    topics: consumes.filter((entry) => entry.group === group).map(({ topic }) => topic as TopicSuffix),
    handle: (records) => loop.handle(records),
  };
}

function groupsOf({ consumes }: Contract): readonly Group[] {
  return [...new Set(consumes.map(({ group }) => group))];
}
