import { decidedBy } from '../runtime/drift/held-reasons.js';
import { Damage } from './damage.js';
import { Outsiders } from './outsiders.js';
import type { Act } from './plan/plan.js';
import { Random } from './random.js';
import { TARGETS } from './wire.js';
import type { World } from './world.js';

const DRIFT_LOOK_EVERY_MS = 10_000;

type Did<K extends Act['do']> = Extract<Act, { readonly do: K }>;

/** Lets the acts of a plan happen, each at its time, and ends all trouble when it is time for calm. */
export class Director {
  private readonly random: Random;
  private readonly operator: Random;
  private readonly damage: Damage;
  private readonly outsiders: Outsiders;
  private readonly outages = new Map<string, number>();

  constructor(private readonly world: World) {
    this.random = new Random(world.plan.seed, 'director');
    this.operator = new Random(world.plan.seed, 'operator');
    this.damage = new Damage(world);
    this.outsiders = new Outsiders(world, this.random);
  }

  begin(): void {
    const { world } = this;
    const { time, plan } = world;
    for (const replica of world.replicas) replica.start();
    for (const act of plan.acts) {
      if (act.at >= plan.calmAt) continue;
      time.plan(act.at, time.world, () => {
        world.trace.add('plan', JSON.stringify(act));
        world.wire.count(act.do === 'outage' ? `outage of ${act.of}` : act.do);
        this.perform(act);
      });
    }
    time.plan(plan.calmAt, time.world, () => this.calm());
  }

  /** Nothing fails any more, every process is there, whoever was cut off can speak, and an operator lets expire what has to. */
  calm(): void {
    const { world } = this;
    world.trace.add('plan', 'calm');
    world.wire.calm = true;
    world.consul.answers = 'normally';
    world.link.cut.clear();
    for (const target of TARGETS) {
      world.wire.bringBack(target);
      world.wire.slowDown(target, 1);
      for (const { owner } of world.replicas) world.wire.setCut(owner, target, false);
    }
    for (const replica of world.replicas) {
      replica.thaw();
      replica.start();
    }
    for (const node of world.nodes.values()) {
      node.muted = false;
      node.manners = 'prompt';
      // Whatever was lost of it before, it says again.
      world.time.plan(this.random.int(100, 3000), world.time.world, () => node.announce('request'));
    }
    this.releaseExpiry();
    this.watchDrift();
  }

  /** Looks at what the audits hold back now and then, and decides it: the registry is right. */
  private watchDrift(): void {
    const { time, drift } = this.world;
    time.plan(DRIFT_LOOK_EVERY_MS, time.world, () => {
      const waits = [...drift.status.values()].some(({ held }) =>
        held.some(({ reason }) => decidedBy(reason) === 'operator'),
      );
      if (waits) this.askRepair({ backend: null, dryRun: false, force: true });
      this.watchDrift();
    });
  }

  private askRepair({ backend, dryRun, force }: Pick<Did<'ask-repair'>, 'backend' | 'dryRun' | 'force'>): void {
    this.world.drift.ask({ id: this.operator.uuid(), backend, nodeId: null, drift: null, dryRun, force });
  }

  /** The plan's outages may overlap: a server is back when the last of them has ended. */
  private during(name: string, forMs: number, begin: () => void, end: () => void): void {
    const { time, wire } = this.world;
    this.outages.set(name, (this.outages.get(name) ?? 0) + 1);
    begin();
    time.plan(forMs, time.world, () => {
      const left = (this.outages.get(name) ?? 1) - 1;
      this.outages.set(name, left);
      if (left === 0 && !wire.calm) end();
    });
  }

  private perform(act: Act): void {
    const { world } = this;
    switch (act.do) {
      case 'start-node':
        world.node(act.node).describe(act.type, act.capabilities);
        return world.node(act.node).start(act.manners);
      case 'restart-node':
        return world.node(act.node).start(act.manners);
      case 'change-node':
        world.node(act.node).describe(act.type, act.capabilities);
        return world.node(act.node).announce('capability_change');
      case 'crash-node':
        return world.node(act.node).crash();
      case 'stop-node':
        return world.node(act.node).leave();
      case 'announce-again':
        return world.node(act.node).announce('request');
      case 'mute-node':
        return this.during(
          `mute ${act.node}`,
          act.forMs,
          () => (world.node(act.node).muted = true),
          () => (world.node(act.node).muted = false),
        );
      case 'cut-nodes':
        return this.during(
          'cut nodes',
          act.forMs,
          () => act.nodes.forEach((node) => world.link.cut.add(node)),
          () => world.link.cut.clear(),
        );
      case 'register':
        return this.outsiders.register(act);
      case 'deregister':
        return this.outsiders.deregister(act.node);
      case 'release-expiry':
        return this.releaseExpiry();
      case 'crash-replica':
      case 'stop-replica':
      case 'freeze-replica':
      case 'cut-replica':
        return this.trouble(act);
      case 'outage':
        return this.outage(act);
      case 'slow':
        return this.during(
          `slow ${act.target}`,
          act.forMs,
          () => world.wire.slowDown(act.target, act.factor),
          () => world.wire.slowDown(act.target, 1),
        );
      case 'consul-refuses':
        return this.during(
          'consul refuses',
          act.forMs,
          () => (world.consul.answers = act.status),
          () => (world.consul.answers = 'normally'),
        );
      case 'end-leader':
        return world.sessions.endAll(() => true);
      case 'copy':
        return this.outsiders.copy(act);
      case 'damage-consul':
        return this.damage.toConsul(act.how, act.pick);
      case 'damage-table':
        return this.damage.toTable(act.how, act.pick);
      case 'wipe':
        return this.damage.wipe(act.backend);
      case 'ask-repair':
        return this.askRepair(act);
      case 'rubbish':
        return this.outsiders.dropRubbish(act);
      default:
        return unreachable(act);
    }
  }

  private trouble(act: Did<'crash-replica' | 'stop-replica' | 'freeze-replica' | 'cut-replica'>): void {
    const { replicas, time, wire } = this.world;
    const replica = replicas[act.replica];
    if (replica?.isUp !== true) return;
    const { owner } = replica;
    switch (act.do) {
      case 'crash-replica':
        replica.kill();
        time.plan(act.forMs, time.world, () => replica.start());
        return;
      case 'stop-replica':
        replica.stop(() => time.plan(act.forMs, time.world, () => replica.start()));
        return;
      case 'freeze-replica':
        replica.freeze();
        time.plan(act.forMs, time.world, () => time.thaw(owner));
        return;
      case 'cut-replica':
        wire.setCut(owner, act.from, true);
        time.plan(act.forMs, time.world, () => wire.setCut(owner, act.from, false));
        return;
      default:
        return unreachable(act);
    }
  }

  /** Sessions and transactions do not survive the server that has them. */
  private outage({ of: target, manner, forMs }: Did<'outage'>): void {
    const { wire, table, sessions } = this.world;
    if (target === 'store' && manner === 'refuse') {
      table.abortAll(() => true);
      sessions.endAll(() => true);
    }
    this.during(
      `outage ${target}`,
      forMs,
      () => wire.takeAway(target, manner),
      () => wire.bringBack(target),
    );
  }

  private releaseExpiry(): void {
    const { table } = this.world;
    table.guard = { ...table.guard, releasedUntil: table.clock() + 3_600_000 };
  }
}

function unreachable(value: never): never {
  throw new Error(`unknown: ${JSON.stringify(value)}`);
}
