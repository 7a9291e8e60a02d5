import { readFileSync } from 'node:fs';
import kafkajs, { Kafka, logLevel, type AclEntry, type Admin } from 'kafkajs';
import pg from 'pg';
import { Agent, request } from 'undici';
import { TopicNames } from '../../../src/messages/index.js';
import { aclLines, ops, topicList, type AclLine } from '../../ops/files.js';
import type { SecuredStack } from './secured-stack.js';

/** The defaults of the variables, which the files in ops/ stand for as they are. */
const NAMES = { TOPIC_PREFIX: 'dev.onex', KAFKA_GROUP_PREFIX: 'bridge-registry-group', NODE_GROUP_PREFIX: 'rollcall-' };
const POLICY = 'rollcall';
/** A broker that has other work to do is only slow. */
const PATIENCE_MS = 60_000;

/** Who may do everything on the three servers: grants what the files in ops/ say, and takes it back. */
export class Administrator {
  private constructor(
    private readonly kafka: Admin,
    private readonly agent: Agent,
    private readonly consulUrl: string,
    private readonly consulToken: string,
    private readonly database: pg.Pool,
  ) {}

  static async of(stack: SecuredStack): Promise<Administrator> {
    const brokers = [stack.secret('KAFKA_ADMIN')];
    const kafka = new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      connectionTimeout: 15_000,
      requestTimeout: 2 * PATIENCE_MS,
    }).admin();
    await kafka.connect();
    const read = (name: string): string => readFileSync(stack.secret(name), 'utf8');
    const connect = { ca: read('CONSUL_CACERT'), cert: read('CONSUL_CLIENT_CERT'), key: read('CONSUL_CLIENT_KEY') };
    return new Administrator(
      kafka,
      new Agent({ connect }),
      stack.secret('CONSUL_HTTP_ADDR'),
      await stack.textOf('CONSUL_ADMIN_TOKEN_FILE'),
      new pg.Pool({ connectionString: stack.secret('ADMIN_URL'), max: 2 }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.kafka.disconnect(), this.agent.close(), this.database.end()]);
  }

  /** As ops/kafka/topics.sh does. */
  async makeTopics(): Promise<void> {
    const names = new TopicNames(NAMES.TOPIC_PREFIX);
    const topics = [...topicList()].map(([suffix, settings]) => ({
      topic: names.full(suffix as Parameters<TopicNames['full']>[0]),
      numPartitions: 2,
      configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
    }));
    await this.kafka.createTopics({ topics, waitForLeaders: true, timeout: PATIENCE_MS });
  }

  /** As ops/kafka/acls.sh does. */
  async grantInKafka(user: string, roles: readonly string[], only: (line: AclLine) => boolean = () => true) {
    const acl = entriesOf(user, roles).filter(({ line }) => only(line)).flatMap(({ entries }) => entries); // prettier-ignore
    if (acl.length === 0) throw new Error('nothing of the kind is in acls.txt');
    await this.kafka.createAcls({ acl });
    return acl;
  }

  async revokeInKafka(user: string, roles: readonly string[], only: (line: AclLine) => boolean): Promise<void> {
    const acl = entriesOf(user, roles).filter(({ line }) => only(line)).flatMap(({ entries }) => entries); // prettier-ignore
    const { filterResponses } = await this.kafka.deleteAcls({ filters: acl });
    const deleted = filterResponses.flatMap(({ matchingAcls }) => matchingAcls);
    if (deleted.length === 0) throw new Error('nothing of the kind was granted');
  }

  /** The policy of ops/consul/policy.hcl, or another text in its place. */
  async setConsulPolicy(rules: string = ops('consul/policy.hcl')): Promise<void> {
    const policies = await this.consul<{ ID: string; Name: string }[]>('GET', '/v1/acl/policies');
    const id = policies.find(({ Name }) => Name === POLICY)?.ID;
    await this.consul('PUT', `/v1/acl/policy${id === undefined ? '' : `/${id}`}`, { Name: POLICY, Rules: rules });
  }

  /** A token with that policy and no other. */
  async makeConsulToken(secretId: string): Promise<void> {
    await this.consul('PUT', '/v1/acl/token', { SecretID: secretId, Policies: [{ Name: POLICY }] });
  }

  async forgetConsulToken(secretId: string): Promise<void> {
    const self = await this.consul<{ AccessorID: string }>('GET', '/v1/acl/token/self', undefined, secretId);
    await this.consul('DELETE', `/v1/acl/token/${self.AccessorID}`);
  }

  async consul<T>(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object, token = this.consulToken): Promise<T> {
    const answer = await request(`${this.consulUrl}${path}`, {
      method,
      dispatcher: this.agent,
      headers: { 'x-consul-token': token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`Consul answers ${answer.statusCode} to ${path}: ${text}`);
    return JSON.parse(text) as T;
  }

  async sql<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
    return (await this.database.query<T>(text)).rows;
  }

  /** `table: privileges` of a role. */
  async granted(role: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const rows = await this.sql<{ table_name: string; privileges: string[] }>(`
      select table_name, array_agg(privilege_type::text order by privilege_type) as privileges
      from information_schema.role_table_grants where grantee = '${role}' group by table_name order by table_name`);
    return Object.fromEntries(rows.map((row) => [row.table_name, row.privileges]));
  }
}

function entriesOf(user: string, roles: readonly string[]) {
  return aclLines(NAMES)
    .filter(({ role }) => roles.includes(role))
    .map((line) => ({
      line,
      entries: line.operations.map((operation): AclEntry => ({
        principal: `User:${user}`,
        host: '*',
        operation: OPERATIONS[operation] ?? kafkajs.AclOperationTypes.UNKNOWN,
        permissionType: kafkajs.AclPermissionTypes.ALLOW,
        resourceType: line.kind === 'topic' ? kafkajs.AclResourceTypes.TOPIC : kafkajs.AclResourceTypes.GROUP,
        resourceName: line.name,
        resourcePatternType:
          line.pattern === 'literal' ? kafkajs.ResourcePatternTypes.LITERAL : kafkajs.ResourcePatternTypes.PREFIXED,
      })),
    }));
}

const OPERATIONS: Readonly<Record<string, kafkajs.AclOperationTypes>> = {
  Read: kafkajs.AclOperationTypes.READ,
  Write: kafkajs.AclOperationTypes.WRITE,
  Create: kafkajs.AclOperationTypes.CREATE,
  AlterConfigs: kafkajs.AclOperationTypes.ALTER_CONFIGS,
  Describe: kafkajs.AclOperationTypes.DESCRIBE,
  DescribeConfigs: kafkajs.AclOperationTypes.DESCRIBE_CONFIGS,
};
