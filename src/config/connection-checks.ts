import type { z } from 'zod';
import type { connectionVariables } from './connection-variables.js';
import type { serverVariables } from './server-variables.js';

type Values = z.output<z.ZodObject<typeof serverVariables & typeof connectionVariables>>;
type Variable = keyof Values;

type CrossCheck = {
  readonly names: readonly [Variable, Variable];
  readonly holds: (values: Values) => boolean;
  readonly message: string;
};

/** Both or neither. */
const pair = (one: Variable, other: Variable): readonly CrossCheck[] => [
  {
    names: [one, other],
    holds: (values) => values[one] === undefined || values[other] !== undefined,
    message: `needs ${other} beside it`,
  },
  {
    names: [other, one],
    holds: (values) => values[other] === undefined || values[one] !== undefined,
    message: `needs ${one} beside it`,
  },
];

const ofKafkaTls = ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE'] as const satisfies readonly Variable[];
const ofConsulTls = ['CONSUL_CACERT', 'CONSUL_CLIENT_CERT', 'CONSUL_TLS_SERVER_NAME'] as const satisfies Variable[];

/** What has to hold between the variables of connections: nobody should believe to be safe and not be. */
export const CONNECTION_CHECKS: readonly CrossCheck[] = [
  ...pair('KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'),
  ...pair('CONSUL_CLIENT_CERT', 'CONSUL_CLIENT_KEY'),
  ...ofKafkaTls.map((one): CrossCheck => ({
    names: [one, 'KAFKA_SSL'],
    holds: (values) => values[one] === undefined || values.KAFKA_SSL,
    message: 'is of no use without TLS: set KAFKA_SSL=true as well',
  })),
  ...ofConsulTls.map((one): CrossCheck => ({
    names: [one, 'CONSUL_HTTP_ADDR'],
    holds: (values) => values[one] === undefined || values.CONSUL_HTTP_ADDR?.startsWith('https:') === true,
    message: 'is of no use without TLS: CONSUL_HTTP_ADDR has to begin with https://',
  })),
  {
    names: ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'],
    holds: (values) => values.KAFKA_SASL_MECHANISM === undefined || values.KAFKA_SASL_USERNAME !== undefined,
    message: 'needs KAFKA_SASL_USERNAME beside it',
  },
  {
    names: ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD'],
    holds: (values) => values.KAFKA_SASL_MECHANISM === undefined || values.KAFKA_SASL_PASSWORD !== undefined,
    message: 'needs KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE beside it',
  },
  {
    names: ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_MECHANISM'],
    holds: (values) => values.KAFKA_SASL_USERNAME === undefined || values.KAFKA_SASL_MECHANISM !== undefined,
    message: 'is of no use without KAFKA_SASL_MECHANISM',
  },
  ...(['KAFKA_SSL', 'KAFKA_SASL_MECHANISM'] as const).map((one): CrossCheck => ({
    names: [one, 'KAFKA_BROKERS'],
    holds: (values) => values.KAFKA_BROKERS !== undefined || values[one] === undefined || values[one] === false,
    message: 'is set, but not KAFKA_BROKERS: the log would be the embedded one',
  })),
  {
    names: ['MIGRATE', 'DATABASE_URL'],
    holds: (values) => values.MIGRATE === 'auto' || values.DATABASE_URL !== undefined,
    message: 'needs DATABASE_URL: the embedded database has one user, who makes its tables at the start',
  },
  {
    names: ['MIGRATE_GRANT_TO', 'MIGRATE'],
    holds: (values) => values.MIGRATE_GRANT_TO === undefined || values.MIGRATE !== 'check',
    message: 'is of no use with MIGRATE=check, which changes nothing',
  },
];

/** What is allowed, and unlikely to be meant. */
export function doubtsAbout(values: Values): readonly string[] {
  return values.KAFKA_SASL_MECHANISM === 'plain' && !values.KAFKA_SSL
    ? ['KAFKA_SASL_MECHANISM=plain without KAFKA_SSL=true: the password goes over the network as it is']
    : [];
}
