const MASK = '***';

/** Patterns of secrets as drivers and HTTP clients print them. */
const PATTERNS: readonly [RegExp, string][] = [
  // Up to the last @: a password may have one that is not encoded.
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):\S+@/gi, `$1:${MASK}@`],
  [
    /\b(authorization|x-consul-token|proxy-authorization)(["']?\s*[:=]\s*["']?)(?:(bearer|basic)\s+)?[^\s"',;}]+/gi,
    `$1$2${MASK}`,
  ],
  [/\bbearer\s+[\w.~+/-]+=*/gi, `Bearer ${MASK}`],
  [
    /\b([\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|private[_-]?key|credentials?))(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s"',;&}]+)/gi,
    `$1$2${MASK}`,
  ],
];

const secrets = new Set<string>();

/** Makes a configured secret unprintable, whatever text it turns up in. Short ones would mask ordinary words. */
export function registerSecret(secret: string | undefined): void {
  if (secret !== undefined && secret.length >= 4) secrets.add(secret);
}

/** The one function that text passes before it reaches a log, an event, a dead letter or a response. At most `limit` characters. */
export function redact(text: string, limit = 1000): string {
  let clean = text.slice(0, 16 * limit);
  for (const secret of secrets) clean = clean.replaceAll(secret, MASK);
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** Message of whatever was thrown, with causes that add to it, redacted. */
export function errorText(error: unknown, limit?: number): string {
  const parts: string[] = [];
  for (let current: unknown = error, depth = 0; current !== undefined && depth < 4; depth++) {
    const text = ownText(current);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return redact(parts.join(': '), limit);
}

function ownText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((inner) => errorText(inner)).join('; ');
  }
  if (error instanceof Error) return error.message || error.name;
  if (typeof error !== 'object' || error === null) return String(error);
  return 'message' in error ? String(error.message) : Object.prototype.toString.call(error);
}
