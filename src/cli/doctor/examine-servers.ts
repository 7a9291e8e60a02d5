import type { Config } from '../../config.js';
import { connectionsOf } from '../../config/connections.js';
import { TopicNames } from '../../messages/index.js';
import { readConsulFacts, registryMigrations } from '../../registry-effect/index.js';
import { readDatabaseFacts, readKafkaFacts, stateMigrations } from '../../runtime/index.js';
import { skipped, type Finding } from './finding.js';
import type { Clock } from './judge-clocks.js';
import { notReached } from './judge-connection.js';
import { judgeConsul } from './judge-consul.js';
import { judgeDatabase, type DatabaseName } from './judge-database.js';
import { judgeKafka } from './judge-kafka.js';

type Connections = ReturnType<typeof connectionsOf>;

/** What one server came to. */
export type Examined = { readonly findings: readonly Finding[]; readonly clocks: readonly Clock[] };

/**
 * Asks each server for its facts, by the functions that stand beside the registry's own clients and share their settings, and has them
 * judged. Nothing is changed anywhere.
 */
export async function examineServers(config: Config, timeoutMs: number): Promise<Examined> {
  const { kafka, consul, stateDatabaseUrl, registryDatabaseUrl } = connectionsOf(config);
  const parts = await Promise.all([
    examineKafka(config, kafka, timeoutMs),
    examineConsul(config, consul, timeoutMs),
    stateDatabaseUrl === null
      ? embedded('postgres.state', 'DATABASE_URL')
      : examineDatabase('state', stateDatabaseUrl, timeoutMs),
    registryDatabaseUrl === null
      ? embedded('postgres.registry', 'REGISTRY_DATABASE_URL')
      : examineDatabase('registry', registryDatabaseUrl, timeoutMs),
  ]);
  return {
    findings: parts.flatMap(({ findings }) => findings),
    // The state database's clock stands for both where they are on one server.
    clocks: parts.flatMap(({ clocks }) => clocks),
  };
}

async function examineKafka({ kafka }: Config, security: Connections['kafka'], timeoutMs: number): Promise<Examined> {
  const { brokers, topicPrefix, groupPrefix } = kafka;
  if (brokers === null) return embedded('kafka', 'KAFKA_BROKERS');
  try {
    const names = new TopicNames(topicPrefix);
    const facts = await readKafkaFacts({ brokers, security, names, groupPrefix, timeoutMs });
    const clock = { of: 'Kafka', aheadMs: facts.aheadMs, atLeast: true };
    return { findings: judgeKafka(facts, kafka), clocks: [clock] };
  } catch (error) {
    return { findings: [notReached('kafka', 'Kafka', error)], clocks: [] };
  }
}

async function examineConsul(
  { registryId }: Config,
  consul: Connections['consul'],
  timeoutMs: number,
): Promise<Examined> {
  if (consul === null) return embedded('consul', 'CONSUL_HTTP_ADDR');
  try {
    const facts = await readConsulFacts({ ...consul, registryId, timeoutMs });
    const clocks = facts.clockMs === null ? [] : [{ of: 'Consul', aheadMs: facts.clockMs }];
    return { findings: judgeConsul(facts, consul.token !== undefined), clocks };
  } catch (error) {
    return { findings: [notReached('consul', 'Consul', error)], clocks: [] };
  }
}

const MIGRATIONS = { state: stateMigrations, registry: registryMigrations } as const;

async function examineDatabase(name: DatabaseName, url: () => string, timeoutMs: number): Promise<Examined> {
  try {
    const facts = await readDatabaseFacts({ url, name, migrations: MIGRATIONS[name], timeoutMs });
    const clocks = [{ of: `the ${name} database`, aheadMs: facts.clockMs }];
    return { findings: judgeDatabase(name, facts), clocks };
  } catch (error) {
    return { findings: [notReached(`postgres.${name}`, 'PostgreSQL', error)], clocks: [] };
  }
}

function embedded(check: string, variable: string): Examined {
  return { findings: [skipped(check, `${variable} is not set: the embedded part stands in its place`)], clocks: [] };
}
