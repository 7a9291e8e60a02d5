import type { Config } from '../config.js';
import { mistakeInPostgresUrl } from './postgres-url.js';
import { renewing } from './renewing.js';
import { registerSecrets } from './secrets.js';
import { tlsFrom } from './tls-files.js';

/** What connections are made with: functions, as secrets and certificates in files may change while we run. */
export function connectionsOf({ kafka, consul, stateDatabaseUrl, registryDatabaseUrl, secretFiles }: Config) {
  const now = (file: string | undefined, first: string): (() => string) =>
    file === undefined ? () => first : renewing(file, first);
  const databaseUrl = (file: string | undefined, first: string | null): (() => string) | null =>
    first === null ? null : usable(now(file, first), first);
  return {
    kafka: {
      tls: kafka.tls === null ? null : tlsFrom(kafka.tls),
      sasl:
        kafka.sasl === null
          ? null
          : { ...kafka.sasl, password: now(secretFiles.KAFKA_SASL_PASSWORD, kafka.sasl.password) },
    },
    consul:
      consul === null
        ? null
        : {
            address: consul.address,
            ...(consul.token !== undefined && { token: now(secretFiles.CONSUL_HTTP_TOKEN, consul.token) }),
            ...(consul.tls !== null && { tls: tlsFrom(consul.tls) }),
          },
    stateDatabaseUrl: databaseUrl(secretFiles.DATABASE_URL, stateDatabaseUrl),
    registryDatabaseUrl: databaseUrl(
      registryDatabaseUrl === stateDatabaseUrl ? secretFiles.DATABASE_URL : secretFiles.REGISTRY_DATABASE_URL,
      registryDatabaseUrl,
    ),
  } as const;
}

/** A file with half a URL, or another server's rubbish, is passed over as one that cannot be read. */
function usable(now: () => string, first: string): () => string {
  let known = first;
  return () => {
    const text = now();
    if (text !== known && URL.canParse(text) && mistakeInPostgresUrl(text) === null) {
      known = text;
      registerSecrets({ DATABASE_URL: known });
    }
    return known;
  };
}
