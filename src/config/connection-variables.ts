/** How the servers are spoken to: TLS, and who we say that we are. The names of Consul's are its own. */
import { z } from 'zod';
import { about, mistake, secret } from './fields.js';
import { readSmallFile } from './read-file.js';

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** A file in PEM, read at the start to see that it is one, and again with every connection. */
function pem(what: string, holds: 'CERTIFICATE' | 'KEY', example: string) {
  const file = z.string().check(({ value, issues }) => {
    const read = readSmallFile(value);
    const wrong = !read.ok
      ? read.problem
      : new RegExp(`-----BEGIN [A-Z ]*${holds}-----`).test(read.text)
        ? null
        : `has no ${holds === 'KEY' ? 'private key' : 'certificate'} in PEM`;
    if (wrong !== null) issues.push(mistake(value, `${wrong}. Expected: ${what}`));
  });
  return about(file.optional(), what, example);
}

const CA = 'a file in PEM with the certificates to trust; without it those that Node knows';
const CERT = 'a file in PEM with our own certificate, and what links it to its authority';
const KEY = 'a file in PEM with the key of our certificate';

const username = about(z.string().min(1).optional(), 'the name of a user that Kafka knows', 'rollcall');
const serverName = about(
  z
    .string()
    .regex(/^[\w.-]+$/)
    .optional(),
  'the name that Consul’s certificate has, where it is not that of its address',
  'server.dc1.consul',
);

export const connectionVariables = {
  KAFKA_SSL: about(
    z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .default(false),
    'true or false',
    'true',
  ),
  KAFKA_SSL_CA_FILE: pem(CA, 'CERTIFICATE', '/etc/rollcall/kafka/ca.pem'),
  KAFKA_SSL_CERT_FILE: pem(CERT, 'CERTIFICATE', '/etc/rollcall/kafka/tls.crt'),
  KAFKA_SSL_KEY_FILE: pem(KEY, 'KEY', '/etc/rollcall/kafka/tls.key'),
  KAFKA_SASL_MECHANISM: about(
    z.enum(SASL_MECHANISMS).optional(),
    `one of ${SASL_MECHANISMS.join(', ')}`,
    'scram-sha-512',
  ),
  KAFKA_SASL_USERNAME: username,
  KAFKA_SASL_PASSWORD: secret(z.string().min(1).optional(), 'the password of that user'),
  CONSUL_CACERT: pem(CA, 'CERTIFICATE', '/etc/rollcall/consul/ca.pem'),
  CONSUL_CLIENT_CERT: pem(CERT, 'CERTIFICATE', '/etc/rollcall/consul/tls.crt'),
  CONSUL_CLIENT_KEY: pem(KEY, 'KEY', '/etc/rollcall/consul/tls.key'),
  CONSUL_TLS_SERVER_NAME: serverName,
  MIGRATE: about(
    z.enum(['auto', 'check', 'only']).default('auto'),
    'auto: tables are made and changed at the start; check: they have to be up to date; only: make and change them, and end',
    'check',
  ),
  MIGRATE_GRANT_TO: about(
    z
      .string()
      .regex(/^[A-Za-z_][\w$-]{0,62}$/)
      .optional(),
    'a role of PostgreSQL that is granted what it takes to run, after the tables were made',
    'rollcall_app',
  ),
};
