import { TOPICS, TOPIC_SUFFIXES, type Party, type TopicSuffix } from '../../messages/index.js';
import type { Group } from '../../runtime/index.js';
import { REFUSED_BY_POSTGRES } from '../backends/registry-table.js';
import { REFUSED_BY_CONSUL } from '../backends/simulated-consul.js';
import type { Timings } from '../../runtime/lanes/step.js';
import { Random } from '../random.js';
import type { Hazards, Target } from '../wire.js';
import { driftActs } from './drift-acts.js';
import { RUBBISH_KINDS, type Act, type Plan, type ReplicaPlan } from './plan.js';

export type PlanOptions = {
  readonly seed: number;
  /** Most nodes; each plan has some number up to it. */
  readonly nodes: number;
};

const GROUPS: readonly Group[] = ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres'];
const TYPES = ['effect', 'compute', 'reducer', 'orchestrator'] as const;
const TAGS = ['a', 'b', 'c', 'd', 'e'] as const;
const COMPONENTS: readonly Party[] = ['orchestrator', 'reducer', 'registry-effect'];

/** Topics that a component reads: where copies and rubbish have an effect. */
const READ_TOPICS = TOPIC_SUFFIXES.filter((topic) => {
  const consumers: readonly Party[] = TOPICS[topic].consumers;
  return consumers.some((party) => COMPONENTS.includes(party));
});

/**
 * Plans a run: whose lives the nodes lead, what breaks when, what the operators do. Not every plan has everything: each kind of fault is
 * in about half of the plans, so that none hides another.
 */
export function makePlan({ seed, nodes }: PlanOptions): Plan {
  const random = new Random(seed, 'plan');
  const calmAt = random.int(30, 75) * 1000;
  const fleet = Array.from({ length: random.int(2, nodes) }, (_, index) => `n${index + 1}`);
  const replicas = replicasOf(random);
  const timings = {
    ackTimeoutMs: random.pick([4000, 8000]),
    // So tight that a beat which is lost or late brings a node to the edge.
    livenessWindowMs: random.pick([6000, 9000, 12_000]),
    heartbeatIntervalMs: 4000,
    degradedAcceptAfterMs: random.pick([500, 3000]),
  };
  const acts: Act[] = [
    ...fleet.flatMap((node) => lifeOf(random, node, calmAt, timings)),
    ...operatorsOf(random, fleet, calmAt),
    ...replicaFaults(random, replicas.length, calmAt),
    ...outages(random, calmAt),
    ...mischief(random, calmAt),
    ...fleetFaults(random, fleet, calmAt),
    ...driftActs(new Random(seed, 'drift'), calmAt),
  ];
  return {
    seed,
    replicas,
    timings,
    partitions: random.int(1, 3),
    brokerSkewMs: random.chance(0.5) ? random.int(-60_000, 60_000) : 0,
    databaseSkewMs: random.chance(0.5) ? random.int(-60_000, 60_000) : 0,
    hazards: {
      kafka: hazardsOf(random, 0.06),
      store: hazardsOf(random, 0.06),
      consul: hazardsOf(random, 0.06),
      registry: hazardsOf(random, 0.06),
    },
    lost: random.chance(0.5) ? random.next() * 0.1 : 0,
    doubled: random.chance(0.5) ? random.next() * 0.2 : 0,
    markersLost: random.chance(0.15) ? 0.3 : 0,
    producerRetries: random.int(0, 2),
    fetchLimit: random.pick([1, 3, 10, 100]),
    auditIntervalMs: new Random(seed, 'audits').pick([5000, 10_000, 15_000]),
    acts: acts.sort((a, b) => a.at - b.at),
    calmAt,
  };
}

function replicasOf(random: Random): readonly ReplicaPlan[] {
  const count = random.int(1, 3);
  const split = count > 1 && random.chance(0.3);
  return Array.from({ length: count }, (_, index) => ({
    groups: split ? GROUPS.filter((_group, place) => place % count === index || random.chance(0.4)) : GROUPS,
    clockSkewMs: random.chance(0.5) ? random.int(-30_000, 30_000) : 0,
  }));
}

function hazardsOf(random: Random, most: number): Hazards {
  const some = (): number => (random.chance(0.5) ? random.next() * most : 0);
  return { before: some(), after: some(), slow: some() / 2 };
}

/** A node's start, and what it does afterwards. */
function lifeOf(random: Random, node: string, calmAt: number, timings: Timings): readonly Act[] {
  const type = random.pick(TYPES);
  const start = random.chance(0.7) ? random.int(0, 5000) : random.int(0, calmAt / 2);
  const manners = (): 'prompt' | 'late' | 'never' | 'twice' =>
    random.chance(0.75) ? 'prompt' : random.pick(['late', 'never', 'twice'] as const);
  const unknown = random.chance(0.04);
  const acts: Act[] = [
    {
      at: start,
      do: 'start-node',
      node,
      type: unknown ? 'unheard-of' : type,
      capabilities: capabilitiesOf(random),
      manners: manners(),
    },
  ];
  let at = start;
  for (let turns = random.int(0, 3); turns > 0; turns--) {
    // Often just when a deadline is about to pass.
    at += random.chance(0.35)
      ? random.pick([timings.ackTimeoutMs, timings.livenessWindowMs]) + random.int(-1500, 2500)
      : random.int(200, calmAt / 3);
    if (at > calmAt) break;
    const turn = random.next();
    if (turn < 0.25) {
      const changed = random.chance(0.2) ? random.pick(TYPES) : type;
      acts.push({ at, do: 'change-node', node, type: changed, capabilities: capabilitiesOf(random) });
    } else if (turn < 0.45) {
      acts.push({ at, do: 'crash-node', node });
      at += random.int(100, 20_000);
      if (random.chance(0.8)) acts.push({ at, do: 'restart-node', node, manners: manners() });
    } else if (turn < 0.6) acts.push({ at, do: 'restart-node', node, manners: manners() });
    else if (turn < 0.75) {
      acts.push({ at, do: 'stop-node', node });
      at += random.int(10, 15_000);
      if (random.chance(0.6)) acts.push({ at, do: 'restart-node', node, manners: manners() });
    } else if (turn < 0.9)
      acts.push({
        at,
        do: 'mute-node',
        node,
        forMs: random.chance(0.5) ? timings.livenessWindowMs + random.int(-4000, 3000) : random.int(3000, 25_000),
      });
    else acts.push({ at, do: 'announce-again', node });
  }
  return acts;
}

function capabilitiesOf(random: Random): readonly string[] {
  const tags = TAGS.filter(() => random.chance(0.4));
  if (random.chance(0.05)) return [...tags, REFUSED_BY_CONSUL];
  if (random.chance(0.05)) return [...tags, REFUSED_BY_POSTGRES];
  return random.chance(0.02) ? [...tags, REFUSED_BY_CONSUL, REFUSED_BY_POSTGRES] : tags;
}

function operatorsOf(random: Random, fleet: readonly string[], calmAt: number): readonly Act[] {
  const acts: Act[] = [];
  for (let node = random.int(0, 2); node > 0; node--) {
    const at = random.int(0, calmAt / 2);
    const heartbeat = random.chance(0.2);
    acts.push({
      at,
      do: 'register',
      node: `op${node}`,
      acknowledgement: random.chance(0.85) ? 'waived' : 'required',
      liveness: heartbeat ? 'heartbeat' : 'none',
      capabilities: capabilitiesOf(random),
    });
    if (random.chance(0.5)) acts.push({ at: at + random.int(10, 20_000), do: 'deregister', node: `op${node}` });
  }
  for (let times = random.int(0, 3); times > 0; times--) {
    acts.push({ at: random.int(500, calmAt), do: 'deregister', node: random.pick(fleet) });
  }
  if (random.chance(0.3)) acts.push({ at: random.int(0, calmAt), do: 'release-expiry' });
  return acts;
}

function replicaFaults(random: Random, replicas: number, calmAt: number): readonly Act[] {
  if (random.chance(0.3)) return [];
  return Array.from({ length: random.int(1, 5) }, (): Act => {
    const at = random.int(500, calmAt);
    const replica = random.int(0, replicas - 1);
    const kind = random.next();
    if (kind < 0.35) return { at, do: 'crash-replica', replica, forMs: random.int(200, 20_000) };
    if (kind < 0.7) return { at, do: 'freeze-replica', replica, forMs: random.int(500, 30_000) };
    if (kind < 0.8) return { at, do: 'stop-replica', replica, forMs: random.int(200, 10_000) };
    if (kind < 0.9) return { at, do: 'end-leader' };
    const from = random.pick(['kafka', 'store', 'consul', 'registry'] as const);
    return { at, do: 'cut-replica', replica, from, forMs: random.int(500, 20_000) };
  });
}

function outages(random: Random, calmAt: number): readonly Act[] {
  if (random.chance(0.4)) return [];
  return Array.from({ length: random.int(1, 4) }, (): Act => {
    const at = random.int(500, calmAt);
    const target: Target = random.pick(['kafka', 'store', 'consul', 'registry'] as const);
    const forMs = random.chance(0.3) ? random.int(12_000, 25_000) : random.int(300, 12_000);
    const kind = random.next();
    if (kind < 0.6) return { at, do: 'outage', of: target, manner: random.pick(['refuse', 'hang'] as const), forMs };
    if (kind < 0.8) return { at, do: 'slow', target, factor: random.int(5, 60), forMs };
    return { at, do: 'consul-refuses', status: random.pick([500, 403] as const), forMs };
  });
}

/** What other people do to our topics. */
function mischief(random: Random, calmAt: number): readonly Act[] {
  const acts: Act[] = [];
  for (let copies = random.chance(0.6) ? random.int(1, 12) : 0; copies > 0; copies--) {
    acts.push({ at: random.int(3000, calmAt), do: 'copy', topic: topicFor(random), back: random.next() });
  }
  for (let pieces = random.chance(0.4) ? random.int(1, 6) : 0; pieces > 0; pieces--) {
    acts.push({
      at: random.int(500, calmAt),
      do: 'rubbish',
      topic: topicFor(random),
      kind: random.pick(RUBBISH_KINDS),
    });
  }
  return acts;
}

function topicFor(random: Random): TopicSuffix {
  return random.pick(READ_TOPICS);
}

function fleetFaults(random: Random, fleet: readonly string[], calmAt: number): readonly Act[] {
  if (random.chance(0.6)) return [];
  const share = random.chance(0.5) ? 1 : random.next();
  const nodes = fleet.filter(() => random.chance(share));
  return [{ at: random.int(5000, calmAt), do: 'cut-nodes', nodes, forMs: random.int(3000, 30_000) }];
}
