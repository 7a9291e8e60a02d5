import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TopicNames } from '../../messages/index.js';
import { REPLICAS, SERVERS, type Replica as ReplicaName, type Server } from '../faults/fault.js';
import { Broker } from '../kafka/broker.js';
import { Door } from './door.js';
import { freePorts } from './ports.js';
import { Replica } from './replica.js';
import { Servers } from './servers.js';

/** Topics, groups and owner in Consul: the servers are this run's alone. */
export const NAME = 'chaos';

/** Short, and honest: beats, acks and retries keep the proportions that they have in production. Milliseconds. */
export const TIMINGS = {
  ACK_TIMEOUT_MS: 15_000,
  LIVENESS_WINDOW_MS: 12_000,
  HEARTBEAT_INTERVAL_MS: 3000,
  DEGRADED_ACCEPT_AFTER_MS: 3000,
  DEADLINE_SCAN_INTERVAL_MS: 500,
  BREAKER_RESET_MS: 3000,
  DRIFT_AUDIT_INTERVAL_MS: 2000,
} as const;

const PARTITIONS = 4;
const STACK_PORTS = 6;

/** Servers, replicas and the doors between them: of this run alone, in a folder that goes with it. */
export class World {
  readonly names = new TopicNames(NAME);
  readonly replicas = new Map<ReplicaName, Replica>();
  readonly doors = new Map<`${ReplicaName}>${Server}`, Door>();

  private constructor(
    readonly folder: string,
    readonly servers: Servers,
    readonly broker: Broker,
  ) {}

  /** Everything is known, and nothing runs yet. `onUnexpectedExit` hears of replicas that end by themselves. */
  static async create(root: string, onUnexpectedExit: (how: string) => void): Promise<World> {
    const first = await freePorts(STACK_PORTS + REPLICAS.length * (1 + SERVERS.length));
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-chaos-'));
    chmodSync(folder, 0o755); // the user that runs PostgreSQL has to get through
    const servers = new Servers({ root, folder: join(folder, 'stack'), firstPort: first });
    const world = new World(
      folder,
      servers,
      new Broker(`127.0.0.1:${servers.ports.kafka}`, new TopicNames(NAME), NAME),
    );
    REPLICAS.forEach((name, index) => {
      const firstPort = first + STACK_PORTS + index * (1 + SERVERS.length);
      SERVERS.forEach((server, place) => {
        const options = {
          port: firstPort + 1 + place,
          serverPort: servers.ports[server],
          speaksKafka: server === 'kafka',
        };
        world.doors.set(`${name}>${server}`, new Door(options));
      });
      const environment = environmentOf(firstPort);
      const entry = join(root, 'dist/main.js');
      world.replicas.set(name, new Replica({ name, entry, folder, environment, onUnexpectedExit }));
    });
    return world;
  }

  get consulAddress(): string {
    return `http://127.0.0.1:${this.servers.ports.consul}`;
  }

  get databaseUrl(): string {
    return `postgres://postgres@127.0.0.1:${this.servers.ports.postgres}/rollcall`;
  }

  async start(): Promise<void> {
    mkdirSync(join(this.folder, 'stack'));
    await this.servers.up();
    await Promise.all([...this.doors.values()].map((door) => door.open()));
    for (const replica of this.replicas.values()) replica.start();
  }

  /** Ends every process, and leaves nothing behind but, where wished for, logs (or all that there is). */
  async end(leave: 'nothing' | 'logs' | 'all'): Promise<void> {
    for (const replica of this.replicas.values()) replica.thaw();
    await Promise.all([...this.replicas.values()].map((replica) => replica.kill()));
    await this.broker.close();
    await Promise.all([...this.doors.values()].map((door) => door.close()));
    if (leave === 'all') return this.servers.stop();
    if (leave === 'logs') for (const server of SERVERS) this.keepLogsOf(server);
    await this.servers.wipe();
    rmSync(leave === 'logs' ? join(this.folder, 'stack') : this.folder, { recursive: true, force: true });
  }

  private keepLogsOf(server: Server): void {
    for (const name of ['server.log', 'server.log.1']) {
      const log = join(this.folder, 'stack', server, name);
      if (existsSync(log)) copyFileSync(log, join(this.folder, `${server}.${name}`));
    }
  }
}

/** Of the replica whose API is at this port, and its doors at those behind it, in the order of SERVERS. */
function environmentOf(port: number): Record<string, string> {
  const [kafka, consul, postgres] = SERVERS.map((_, index) => port + 1 + index);
  return {
    PORT: String(port),
    KAFKA_BROKERS: `127.0.0.1:${kafka}`,
    CONSUL_HTTP_ADDR: `http://127.0.0.1:${consul}`,
    DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres}/rollcall`,
    TOPIC_PREFIX: NAME,
    KAFKA_GROUP_PREFIX: NAME,
    REGISTRY_ID: NAME,
    TOPIC_PARTITIONS: String(PARTITIONS),
    ...Object.fromEntries(Object.entries(TIMINGS).map(([name, value]) => [name, String(value)])),
  };
}
