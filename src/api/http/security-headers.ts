import type { ServerResponse } from 'node:http';

/** Everything from ourselves, and nothing inline; `style` for pages that other people's programs make. */
function policy(style: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    "script-src-attr 'none'",
    `style-src ${style}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const CSP = 'content-security-policy';
const STRICT = policy("'self'");
/** Swagger's page has styles in itself, and so has the page at `/`. */
const WITH_STYLES = policy("'self' 'unsafe-inline'");
const PAGES_WITH_STYLES = /^\/(?:docs(?:\/.*)?)?$/;

/**
 * What helmet says, made once and not for each request: its plugin builds all of them anew every time. A
 * test holds them against helmet's own.
 */
export const SECURITY_HEADERS: readonly (readonly [string, string])[] = [
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['referrer-policy', 'no-referrer'],
  // A browser minds it over TLS only, which a proxy before us may speak.
  ['strict-transport-security', 'max-age=31536000'],
  ['x-content-type-options', 'nosniff'],
  ['x-dns-prefetch-control', 'off'],
  ['x-download-options', 'noopen'],
  ['x-frame-options', 'DENY'],
  ['x-permitted-cross-domain-policies', 'none'],
  ['x-xss-protection', '0'],
];

/** Of a route, by its URL; of what has none the strict ones. On the raw answer, so that streams, which Fastify does not write, have them. */
export function setSecurityHeaders(response: ServerResponse, route: string | undefined): void {
  for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
  response.setHeader(CSP, route !== undefined && PAGES_WITH_STYLES.test(route) ? WITH_STYLES : STRICT);
}
