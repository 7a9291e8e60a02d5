import { buildConnector } from 'undici';
import type { ConsulTls } from './consul-options.js';

/** How undici connects to Consul. What TLS is made with is asked for with each connection, as certificates are renewed. */
export function connector(
  tls: (() => ConsulTls) | undefined,
  timeoutMs: number,
): buildConnector.BuildOptions | buildConnector.connector {
  if (tls === undefined) return { timeout: timeoutMs };
  return (options, callback) => {
    buildConnector({ ...tls(), timeout: timeoutMs })(options, callback);
  };
}
