import type { ConnectionOptions } from 'node:tls';
import type { MembershipEvents } from './membership.js';
import type { NodeDescription } from './node-description.js';
import type { PrivateKey } from './signing-key.js';

/** Rollcall's HTTP gateway. */
export type HttpAddress = {
  /** Such as `http://127.0.0.1:3000`; a path before Rollcall's own is kept. */
  readonly url: string;
  /** Sent as `Authorization: Bearer …`; a function is asked for each request, so that it may give a new one. */
  readonly token?: string | (() => string | Promise<string>) | undefined;
};

export type KafkaAddress = {
  readonly kafka: {
    /** `host:port` of one or more brokers. */
    readonly brokers: readonly string[];
    /** Rollcall's TOPIC_PREFIX. Default: `dev.onex`. */
    readonly topicPrefix?: string | undefined;
    /** TLS: true, or what `tls.connect` takes. */
    readonly ssl?: boolean | ConnectionOptions | undefined;
    readonly sasl?: KafkaSasl | undefined;
  };
};

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ readonly value: string }> };

/** What a heartbeat tells beside that the node is alive. All of it is optional; numbers are not negative. */
export type Measures = {
  readonly uptimeSeconds?: number;
  readonly activeOperationsCount?: number;
  readonly memoryUsageMb?: number;
  /** 0-100. */
  readonly cpuUsagePercent?: number;
};

export type JoinOptions = NodeDescription & {
  /** Where Rollcall is heard: over Kafka or over HTTP. */
  readonly registry: HttpAddress | KafkaAddress;
  /**
   * Whether the node can work, asked once it is accepted and before it says so. It is not ready while this throws or gives `false`: it
   * is asked again, with growing pauses, until the registry no longer waits. The signal aborts then, and when the node leaves.
   */
  readonly ready?: ((context: { readonly signal: AbortSignal }) => unknown) | undefined;
  /** Measures for the next heartbeat. Default: `uptimeSeconds`. */
  readonly heartbeat?: (() => Measures | Promise<Measures>) | undefined;
  /**
   * Grows with each start of the node: by it the registry knows a new process from a copy of what the old one said. Default: now, in
   * epoch milliseconds. Give one where the clock may go back between two starts.
   */
  readonly incarnation?: number | undefined;
  /**
   * Signs all that the node says, so that no other can say it: Ed25519, as PEM (PKCS #8), the path of a file that holds that, or a
   * KeyObject. `generateSigningKey` makes one. The registry remembers the first key that it sees of a node.
   */
  readonly signing?: { readonly privateKey: PrivateKey } | undefined;
  /**
   * Say goodbye at SIGTERM and SIGINT, for at most {@link JoinOptions.goodbyeWithinMs}. Where nobody else listens to the signal, the
   * process then ends by it, as it would have without us. Default: true.
   */
  readonly signals?: boolean | undefined;
  /** How long a goodbye may take, milliseconds. Default: 5000. */
  readonly goodbyeWithinMs?: number | undefined;
  /** Listeners from the first moment on; the same as `membership.on(…)`. */
  readonly on?: { readonly [E in keyof MembershipEvents]?: (...told: MembershipEvents[E]) => void } | undefined;
};

/** Options that cannot be: the message names every mistake. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';

  constructor(readonly mistakes: readonly string[]) {
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    super(`This node cannot join: ${count} in its options\n${mistakes.map((text) => `  - ${text}`).join('\n')}`);
  }
}
