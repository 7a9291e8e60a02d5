import { checkEntry, serviceEntry } from '../registry-effect/consul/entries.js';
import { asRegistration } from '../registry-effect/consul/entry-differences.js';
import { consulNames, syntheticNode } from '../registry-effect/consul/service-names.js';
import type { Entry, Service } from './backends/simulated-consul.js';
import type { RegistrationRow } from './backends/registry-table.js';
import { bucketOf } from './buckets.js';
import { wanted, type Wanted } from './invariants/workflow.js';
import { REGISTRY_ID, type ConsulDamage, type TableDamage } from './plan/plan.js';
import type { World } from './world.js';

type Desired = NonNullable<Wanted['desired']>;

/** A node of Consul that is not ours. */
const THEIR_NODE = 'web-1';
/** A revision above all that a run gives out. */
const FAR_AHEAD = 1000;

/** What somebody does to the backends by hand. `pick` (0-1) says to which entry; nothing happens where there is none. */
export class Damage {
  private count = 0;

  constructor(private readonly world: World) {}

  toConsul(how: ConsulDamage, pick: number): void {
    const { consul } = this.world;
    this.world.changedAt.consul = this.world.time.now;
    const number = (this.count += 1);
    switch (how) {
      case 'delete-service':
        return this.change(pick, () => null);
      case 'alter-service':
        return this.change(pick, (entry) => withService(entry, { Address: '198.51.100.7', Tags: ['by-hand'] }));
      case 'raise-revision':
        return this.change(pick, (entry) => withMeta(entry, { revision: String(FAR_AHEAD + number) }));
      case 'delete-check':
        return this.change(pick, (entry) => ({ ...entry, check: null }));
      case 'alter-check':
        return this.change(pick, ({ service, check }) => ({
          service,
          check: check === null ? null : { ...check, Status: check.Status === 'passing' ? 'critical' : 'passing' },
        }));
      case 'ghost-of-nobody':
        return this.ghost(`ghost${number}`, syntheticNode(REGISTRY_ID, bucketOf(`ghost${number}`)));
      case 'ghost-elsewhere':
        return this.ghost(`ghost${number}`, THEIR_NODE);
      case 'ghost-misplaced':
        return this.ghost(`ghost${number}`, syntheticNode(REGISTRY_ID, (bucketOf(`ghost${number}`) + 1) % 256));
      case 'ghost-of-known':
        return this.ghostOf(pickOf(this.desired(), pick));
      case 'foreign': {
        const nodes = [...new Set(consul.entries().map(({ node }) => node))];
        return this.foreign(pickOf(nodes, pick) ?? syntheticNode(REGISTRY_ID, 0), `theirs-${number}`);
      }
      default:
        return unreachable(how);
    }
  }

  toTable(how: TableDamage, pick: number): void {
    const { registry, time, changedAt } = this.world;
    changedAt.postgres = time.now;
    const row = pickOf([...registry.rows.values()], pick);
    switch (how) {
      case 'add-row':
        return this.foreignRow(`stranger${(this.count += 1)}`);
      case 'delete-row':
        return row === undefined || this.isForeign(row) ? undefined : registry.tamper(row.node_id, null);
      case 'alter-row':
        return this.alter(row, { capability_tags: '["by-hand"]', node_version: 'by hand' });
      case 'revive-row':
        return this.alter(row, { state: 'active', deregistered_at: null });
      case 'retire-row':
        return this.alter(row, { state: 'deregistered', deregistered_at: 'by hand' });
      default:
        return unreachable(how);
    }
  }

  /** All is gone, what is not ours included. */
  wipe(backend: 'consul' | 'postgres'): void {
    const { consul, registry, foreign, changedAt, time } = this.world;
    changedAt[backend] = time.now;
    if (backend === 'consul') {
      consul.wipe();
      foreign.entries.clear();
    } else {
      for (const nodeId of [...registry.rows.keys()]) registry.tamper(nodeId, null);
      foreign.rows.clear();
    }
  }

  private change(pick: number, change: (entry: Entry) => Omit<Entry, 'node'> | null): void {
    const { consul } = this.world;
    const ours = consul.entries().filter(({ service }) => service.Meta?.['owner'] === REGISTRY_ID);
    const entry = pickOf(ours, pick);
    if (entry !== undefined) consul.tamper(entry.node, entry.service.ID, change(entry));
  }

  /** An entry that says it is ours, of a node that nobody ever heard of. */
  private ghost(nodeId: string, node: string): void {
    const id = consulNames(REGISTRY_ID, nodeId).serviceId('compute');
    const service = { ID: id, Service: 'onex-compute', Meta: { node_id: nodeId, owner: REGISTRY_ID, revision: '3' } };
    this.world.consul.tamper(node, id, { service: { ...service, Tags: [], Address: '', Port: 0 }, check: null });
  }

  /** What a node that is gone once had; of one that is there, an entry under another type. */
  private ghostOf(desired: Desired | undefined): void {
    if (desired === undefined) return;
    const { record, presence, revision } = desired;
    const type = presence === 'absent' ? record.nodeType : record.nodeType === 'effect' ? 'reducer' : 'effect';
    const names = consulNames(REGISTRY_ID, record.nodeId);
    const registration = asRegistration({ ...desired, record: { ...record, nodeType: type } } as never);
    this.world.consul.tamper(names.node, names.serviceId(type as never), {
      service: serviceEntry(names, { ...registration, revision: Math.max(1, revision - 1) }, REGISTRY_ID),
      check: checkEntry(names, registration),
    });
  }

  private foreign(node: string, id: string): void {
    const { consul, foreign } = this.world;
    const service: Service = { ID: id, Service: 'theirs', Tags: [], Address: '', Port: 0, Meta: { owner: 'somebody' } };
    consul.tamper(node, id, { service, check: null });
    foreign.entries.set(`${node} ${id}`, JSON.stringify(service));
  }

  private foreignRow(nodeId: string): void {
    const { registry, foreign } = this.world;
    const row = { node_id: nodeId, state: 'active', revision: 1, deregistered_at: null } as const;
    registry.tamper(nodeId, row);
    foreign.rows.set(nodeId, JSON.stringify(row));
  }

  private alter(row: RegistrationRow | undefined, change: Partial<RegistrationRow>): void {
    if (row !== undefined && !this.isForeign(row)) this.world.registry.tamper(row.node_id, { ...row, ...change });
  }

  private isForeign({ node_id: nodeId }: RegistrationRow): boolean {
    return this.world.foreign.rows.has(nodeId);
  }

  private desired(): readonly Desired[] {
    return wanted(this.world).flatMap(([, { desired }]) => (desired === null ? [] : [desired]));
  }
}

function withService({ service, check }: Entry, change: Partial<Service>): Omit<Entry, 'node'> {
  return { service: { ...service, ...change }, check };
}

function withMeta({ service, check }: Entry, change: Readonly<Record<string, string>>): Omit<Entry, 'node'> {
  return { service: { ...service, Meta: { ...service.Meta, ...change } }, check };
}

function pickOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[Math.floor(pick * list.length)];
}

function unreachable(value: never): never {
  throw new Error(`unknown: ${JSON.stringify(value)}`);
}
