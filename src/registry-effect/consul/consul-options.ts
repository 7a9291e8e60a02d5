import type { ResilienceOptions } from '../resilience/resilience-options.js';

/** In the words of Node's `tls.connect`; texts in PEM. */
export type ConsulTls = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
};

export type ConsulConnection = {
  /** As in CONSUL_HTTP_ADDR: `http://host:8500`, `https://host:8501`, or `host:8500`. */
  readonly address: string;
  /**
   * As in CONSUL_HTTP_TOKEN. Needs `node:write` on the synthetic nodes and `service:write` on `onex-`. A function is asked with each
   * request, as a token may be replaced while we run.
   */
  readonly token?: string | (() => string) | undefined;
  /** What TLS is made with, asked for with each connection; for https only. */
  readonly tls?: (() => ConsulTls) | undefined;
};

export type ConsulEffectOptions = ConsulConnection &
  ResilienceOptions & {
    /** Owner of the synthetic nodes; replicas share it. */
    readonly registryId: string;
    /** Transactions under way at once, each on its own connection. */
    readonly connections?: number;
  };

/** Where Consul is. Throws when the address has what neither client can use. */
export function consulUrl(address: string): URL {
  const text = address.includes('://') ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '') {
    throw new Error('the address of Consul must be like http://127.0.0.1:8500, without path and without credentials');
  }
  return url;
}

/** The token of this moment. */
export function tokenOf({ token }: ConsulConnection): string | undefined {
  return typeof token === 'function' ? token() : token;
}

/** The header that carries it. */
export function tokenHeader(connection: ConsulConnection): Readonly<Record<string, string>> {
  const token = tokenOf(connection);
  return token === undefined ? {} : { 'x-consul-token': token };
}
