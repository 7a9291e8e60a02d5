/** The servers that Rollcall works with. Each has an embedded part in its place where its variable is not set. */
import { z } from 'zod';
import { about, holdingSecret, integer, list, mistake, name, secret } from './fields.js';
import { mistakeInPostgresUrl } from './postgres-url.js';

const brokers = about(
  list.pipe(z.array(z.string().refine(isBroker)).min(1)).optional(),
  'host:port of one or more Kafka brokers, separated by commas',
  '127.0.0.1:9092',
);

const consulAddress = about(
  z
    .string()
    .transform((text) => (text.includes('://') ? text : `http://${text}`))
    .refine((text) => {
      const url = URL.canParse(text) ? new URL(text) : null;
      return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[@?#]/.test(text);
    })
    .transform((text) => new URL(text).origin)
    .optional(),
  'http://host:port, https://host:port or host:port, without path; a token belongs in CONSUL_HTTP_TOKEN',
  'http://127.0.0.1:8500',
);

const postgresUrl = z.string().check(({ value, issues }) => {
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    issues.push({ code: 'custom', input: value });
    return;
  }
  const wrong = mistakeInPostgresUrl(value);
  if (wrong !== null) issues.push(mistake(value, wrong));
});
const POSTGRES_URL = [
  'the URL of a PostgreSQL database, special characters of its password percent-encoded',
  'postgres://user:password@127.0.0.1:5432/rollcall',
] as const;

const token = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .optional();

export const serverVariables = {
  KAFKA_BROKERS: brokers,
  CONSUL_HTTP_ADDR: consulAddress,
  CONSUL_HTTP_TOKEN: secret(token, 'a Consul ACL token, without blanks'),
  DATABASE_URL: holdingSecret(postgresUrl.optional(), ...POSTGRES_URL),
  REGISTRY_DATABASE_URL: holdingSecret(postgresUrl.optional(), ...POSTGRES_URL),
  DATA_DIR: about(z.string().default('data'), 'the folder of the embedded parts', '/var/lib/rollcall'),
  TOPIC_PREFIX: name('dev.onex', 150),
  KAFKA_GROUP_PREFIX: name('bridge-registry-group', 150),
  TOPIC_PARTITIONS: integer(6, 1, 1000),
};

function isBroker(text: string): boolean {
  const port = /^(?:[\w.-]+|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(text)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
