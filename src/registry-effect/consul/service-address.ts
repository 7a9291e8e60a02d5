/** Where callers find a node. Empty and 0 say: nowhere. */
export type ServiceAddress = { readonly address: string; readonly port: number };

const NOWHERE: ServiceAddress = { address: '', port: 0 };

/** From endpoint `api`, else `health`, whichever first names a host. */
export function serviceAddress(endpoints: Readonly<Record<string, string>>): ServiceAddress {
  for (const name of ['api', 'health']) {
    const text = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
    if (text === undefined || !URL.canParse(text)) continue;
    const { hostname, port, protocol } = new URL(text);
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    const address = hostname.replace(/^\[(.*)\]$/, '$1');
    if (address !== '') return { address, port: port === '' ? defaultPort(protocol) : Number(port) };
  }
  return NOWHERE;
}

function defaultPort(protocol: string): number {
  return ['https:', 'wss:', 'grpcs:'].includes(protocol) ? 443 : 80;
}
