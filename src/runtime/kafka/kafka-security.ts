import type { ConnectionOptions } from 'node:tls';
import type { SASLOptions } from 'kafkajs';

/** How brokers are spoken to. Functions, as certificates and passwords may be others by the next connection. */
export type KafkaSecurity = {
  /** Null: plain text. */
  readonly tls: (() => ConnectionOptions) | null;
  /** Null: brokers do not ask who we are. */
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: () => string;
  } | null;
};

/** In the words of kafkajs, which asks the object for the password whenever it authenticates. */
export function saslOptions({ mechanism, username, password }: NonNullable<KafkaSecurity['sasl']>): SASLOptions {
  return {
    mechanism,
    username,
    get password() {
      return password();
    },
  };
}
