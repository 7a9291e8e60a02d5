/**
 * What stands in the way of a connection, told from the words of whoever reports it (a server, OpenSSL, a driver), and how to mend it.
 * By words and not by codes: drivers wrap errors, and what is left of them at the end, in health and in the log, is text.
 */
export const TROUBLE_KINDS = [
  'untrusted',
  'expired',
  'wrong_name',
  'no_tls_there',
  'tls_wanted',
  'certificate_wanted',
  'login_refused',
  'login_wanted',
  'denied',
  'closed',
  'no_coordinator',
] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** The servers by the names of their health probes: `state` and `postgres` are databases. */
export const SERVERS = ['kafka', 'consul', 'state', 'postgres'] as const;
export type ServerName = (typeof SERVERS)[number];

type Sign = { readonly kind: TroubleKind; readonly says: RegExp; readonly of?: readonly ServerName[] };

const DATABASES = ['state', 'postgres'] as const;

/** The first that fits counts: what a message ends with is often a consequence of what it begins with. */
const SIGNS: readonly Sign[] = [
  // OpenSSL, by way of Node
  { kind: 'expired', says: /certificate has expired|certificate is not yet valid|alert certificate expired/i },
  {
    kind: 'wrong_name',
    says: /does not match certificate's altnames|altnames? does not match|Hostname\/IP does not match/i,
  },
  {
    kind: 'certificate_wanted',
    says: /alert certificate required|alert bad certificate|alert unknown ca\b|alert handshake failure|certificate required|requires a valid client certificate/i,
  },
  {
    kind: 'untrusted',
    says: /self.signed certificate|unable to verify the first certificate|unable to get (local )?issuer certificate|certificate signature failure|invalid CA certificate/i,
  },
  {
    kind: 'no_tls_there',
    says: /wrong version number|packet length too long|server does not support SSL|before secure TLS connection was established|unexpected message.*ssl|http_request/i,
  },
  // The second is what its client makes of the first
  { kind: 'tls_wanted', says: /sent an HTTP request to an HTTPS server|\bbad request$/i, of: ['consul'] },
  // PostgreSQL and its driver
  { kind: 'tls_wanted', says: /no pg_hba\.conf entry.*no encryption|SSL (off|required)/i, of: DATABASES },
  {
    kind: 'login_refused',
    says: /password authentication failed|no pg_hba\.conf entry|role "[^"]*" does not exist|certificate authentication failed|is not permitted to log in/i,
    of: DATABASES,
  },
  { kind: 'login_wanted', says: /client password must be a string|no password supplied/i, of: DATABASES },
  { kind: 'denied', says: /permission denied|must be owner of|the role \S+ lacks /i, of: DATABASES },
  // Kafka and kafkajs
  {
    kind: 'login_refused',
    says: /SASL .*(authentication failed|not supported)|invalid credentials|Invalid username or password/i,
    of: ['kafka'],
  },
  { kind: 'denied', says: /not authorized to access|authorization failed/i, of: ['kafka'] },
  { kind: 'closed', says: /closed connection/i, of: ['kafka'] },
  { kind: 'closed', says: /other side closed/i, of: ['consul'] },
  // What kafkajs makes of a group that it may not see, and of a broker that is starting
  { kind: 'no_coordinator', says: /failed to find group coordinator/i, of: ['kafka'] },
  // Consul
  { kind: 'login_refused', says: /ACL not found|token does not exist/i, of: ['consul'] },
  { kind: 'denied', says: /permission denied|\bforbidden\b|answered 403/i, of: ['consul'] },
];

/** What a text of a server's trouble tells; null where it tells nothing that we could help with. */
export function troubleIn(server: ServerName, text: string): TroubleKind | null {
  const sign = SIGNS.find(({ says, of }) => (of === undefined || of.includes(server)) && says.test(text));
  return sign?.kind ?? null;
}
