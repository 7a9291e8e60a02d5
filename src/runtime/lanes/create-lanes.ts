import type { Backend, TopicSuffix } from '../../messages/index.js';
import type { Routed } from '../component-registry.js';
import type { Contract } from '../contracts/contract.js';
import type { StateStore } from '../journal/state-store.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { BeatSignatures } from './beat-signatures.js';
import { EffectLane } from './effect-lane.js';
import type { EffectHandler } from './effect.js';
import { HeartbeatLane } from './heartbeat-lane.js';
import { IntrospectionRequests } from './introspection-requests.js';
import type { Lane, Publish } from './lane.js';
import type { Signatures } from '../signatures/signatures.js';
import type { LocalDelivery } from './local-delivery.js';
import type { Tracing } from '../tracing/tracing.js';
import { Machine } from './machine.js';
import { StepLoops } from './step-loops.js';
import type { MachineHandler, Timings } from './step.js';

/** Consumer groups that components name, without their prefix. */
export type Group = Contract['consumes'][number]['group'];

type Handle = Pick<Lane, 'handle'>;

export type LaneParts = {
  readonly registryId: string;
  readonly store: StateStore;
  readonly publish: Publish;
  readonly delivery: LocalDelivery;
  readonly timings: () => Promise<Timings>;
  /** Told of nodes whose workflow took a step. */
  readonly decided: (nodeIds: readonly string[]) => void;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Absent: nobody looks at signatures. */
  readonly signatures?: Signatures | undefined;
};

/** A lane for every group that this process takes part in, of every component. */
export class Lanes {
  private readonly steps: StepLoops;

  constructor(
    private readonly parts: LaneParts,
    private readonly groups: readonly Group[],
  ) {
    this.steps = new StepLoops(parts);
  }

  /** All machines share a loop; heartbeats pass by it, and hand it what is a step. */
  ofMachine({ contract, routing }: Routed<MachineHandler>): readonly Lane[] {
    const machine = new Machine(contract, routing, this.parts.registryId);
    const groups = this.groupsOf(contract);
    const loop: Handle = { handle: (records) => this.steps.handle(machine, records) };
    const ofSteps = groups.filter((group) => group !== 'heartbeats');
    if (groups.length > 0)
      this.steps.serve(
        machine,
        ofSteps.flatMap((group) => topicsOf(contract, group)),
      );
    return groups.map((group) =>
      this.laneOf(contract, group, group === 'heartbeats' ? this.heartbeats(machine, loop) : loop),
    );
  }

  /** A loop for each backend. */
  ofEffect({ contract, routing }: Routed<EffectHandler>): readonly Lane[] {
    const { delivery } = this.parts;
    return this.groupsOf(contract).map((group) => {
      const lane = new EffectLane({ ...this.parts, backend: group as Backend, contract, routing });
      delivery.serve(topicsOf(contract, group), (handedOver) => lane.handedOver(handedOver));
      return this.laneOf(contract, group, lane);
    });
  }

  private groupsOf({ consumes }: Contract): readonly Group[] {
    return [...new Set(consumes.map(({ group }) => group))].filter((group) => this.groups.includes(group));
  }

  private laneOf(contract: Contract, group: Group, loop: Handle): Lane {
    const { delivery } = this.parts;
    return {
      group,
      topics: topicsOf(contract, group),
      handle: async (records) => {
        const unseen = await delivery.unseen(records);
        if (unseen.length > 0) await loop.handle(unseen);
      },
      settled: () => delivery.settled(),
      unseen: (records) => delivery.unseen(records),
    };
  }

  private heartbeats(machine: Machine, loop: Handle): HeartbeatLane {
    const { store, publish, metrics, signatures, timings, registryId } = this.parts;
    const pinnedKeys = (nodeIds: readonly string[]) => store.pinnedKeys(machine.name, nodeIds);
    return new HeartbeatLane({
      machine,
      extend: (statuses, signs) => store.extendDeadlines(machine.name, { kind: 'liveness', statuses }, signs),
      decide: (records) => loop.handle(records),
      requests: new IntrospectionRequests(),
      publish,
      metrics,
      signatures: signatures && new BeatSignatures({ signatures, timings, pinnedKeys, registryId, metrics }),
    });
  }
}

function topicsOf({ consumes }: Contract, group: Group): readonly TopicSuffix[] {
  return consumes.filter((entry) => entry.group === group).map(({ topic }) => topic as TopicSuffix);
}
