import { tcpProxy, type TcpProxy } from '../registry-effect/tcp-proxy.js';

/** A door before the server of a URL, for {@link through}. */
export function proxyTo(url: string): Promise<TcpProxy> {
  return tcpProxy(new URL(url).hostname, Number(new URL(url).port));
}

/** The same URL by way of the proxy; without a slash at its end. */
export function through(url: string, proxy: TcpProxy): string {
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  return proxied.href.replace(/\/$/, '');
}
