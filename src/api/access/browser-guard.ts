import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Problem } from '../http/problem.js';

export type GuardOptions = {
  /** What we listen on. */
  readonly own: string;
  /** Further names under which browsers may reach us. */
  readonly allowed: readonly string[];
  /** Whether a name that we do not know is refused. */
  readonly checksHost: boolean;
};

export type Asked = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** It asks for a WebSocket, by which anything may be said. */
  readonly isUpgrade: boolean;
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Host headers that were found good; a caller can send ever new ones. */
const MAX_REMEMBERED = 1000;

/**
 * Keeps other people's web pages from using the browser of who may reach us:
 *
 * - DNS rebinding: a page whose own name is made to lead to us sends that name as `Host`. An address or a loopback name cannot be
 *   rebound, so these are good, and others have to be allowed.
 * - cross-site requests: browsers say where a request comes from, in `Sec-Fetch-Site` or `Origin`. What may change something has to
 *   come from a page of our own, or from no page at all. Other programs send neither.
 */
export class BrowserGuard {
  private readonly names: ReadonlySet<string>;
  private readonly good = new Set<string>();

  constructor(private readonly options: GuardOptions) {
    this.names = new Set(['localhost', options.own, ...options.allowed].map((name) => name.toLowerCase()));
  }

  /** Null where nothing stands against it. */
  refusal({ method, headers, isUpgrade }: Asked): Problem | null {
    const { host } = headers;
    if (host !== undefined && this.options.checksHost && !this.isGood(host)) {
      return new Problem(
        'host-not-allowed',
        `this registry does not know itself by the name in Host; ALLOWED_HOSTS can have it`,
      );
    }
    return SAFE.has(method) && !isUpgrade ? null : this.crossSite(headers);
  }

  private isGood(host: string): boolean {
    if (this.good.has(host)) return true;
    const name = nameIn(host);
    const isGood = name !== null && (isIP(name) !== 0 || name.endsWith('.localhost') || this.names.has(name));
    if (isGood && this.good.size < MAX_REMEMBERED) this.good.add(host);
    return isGood;
  }

  private crossSite(headers: IncomingHttpHeaders): Problem | null {
    const site = headers['sec-fetch-site'];
    if (site !== undefined) return site === 'same-origin' || site === 'none' ? null : cross();
    const { origin, host } = headers;
    if (origin === undefined) return null;
    const from = URL.canParse(origin) ? new URL(origin) : null;
    const isOurs =
      from !== null &&
      from.host !== '' &&
      (from.host === withoutDefaultPort(host) || this.options.allowed.includes(from.hostname));
    return isOurs ? null : cross();
  }
}

function cross(): Problem {
  return new Problem('cross-site', 'a browser sent this for a page of another site, and it could change something');
}

function withoutDefaultPort(host: string | undefined): string | undefined {
  return host?.toLowerCase().replace(/:(?:80|443)$/, '');
}

/** The name or address in a Host header, without port, brackets and a last dot; null where it is none. */
function nameIn(host: string): string | null {
  const [, bracketed, plain] = /^(?:\[([\da-f:.]+)\]|([^:[\]@/\s]+?)\.?)(?::\d{1,5})?$/i.exec(host) ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}
