/** Who may use the API, and how much of it. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { adminTokens } from './admin-tokens.js';
import { about, integer, list, secret } from './fields.js';

const ENTRIES =
  'entries name:role:sha256 with commas, blanks or lines between them; roles reader, operator, admin, node (name:node:id:sha256 binds it)';

const tokens = secret(adminTokens((value) => value).optional(), ENTRIES);

const tokensFile = about(
  adminTokens((path) => readFileSync(path, 'utf8')).optional(),
  'a file with such entries, one a line; comments begin with #',
  '/run/secrets/rollcall-tokens',
);

/** Over plain HTTP anybody on the way could answer in the issuer's place. */
const providerUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || text.includes('?') || text.includes('#') || url.username !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
});

const claim = z.string().regex(/^[\x21-\x7e]{1,255}$/);
const hostName = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$|^\[[\da-fA-F:.]+\]$/);
const PROXIES = ['loopback', 'linklocal', 'uniquelocal'];

const rate = (fallback: number, per: string) =>
  integer(fallback, 0, 1_000_000, `requests per ${per}, from 0 to 1000000; 0 sets no limit`);

function flag(expected: string) {
  const schema = z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(false);
  return about(schema, expected, 'true');
}

export const accessVariables = {
  ADMIN_TOKENS: tokens,
  ADMIN_TOKENS_FILE: tokensFile,
  OIDC_ISSUER: about(
    providerUrl.optional(),
    'the https URL of an OpenID provider, exactly as its tokens have it in `iss`',
    'https://login.example.com/realms/ops',
  ),
  OIDC_AUDIENCE: about(claim.optional(), 'what the tokens for this registry have in `aud`', 'rollcall'),
  OIDC_JWKS_URL: about(
    providerUrl.optional(),
    "the https URL of the provider's keys; found by its discovery document if absent",
    'https://login.example.com/keys',
  ),
  OIDC_ROLES_CLAIM: about(
    claim.default('roles'),
    'the claim with the names of roles; dots lead into objects',
    'realm_access.roles',
  ),
  OIDC_ROLE_PREFIX: about(
    z
      .string()
      .regex(/^[\x21-\x7e]{1,100}$/)
      .default('rollcall-'),
    'what stands before reader, operator, admin and node in the names of roles',
    'rollcall-',
  ),
  OIDC_NODE_CLAIM: about(claim.default('sub'), "the claim that has a node's id, for tokens of the role node", 'sub'),
  OIDC_CLOCK_TOLERANCE_S: integer(30, 0, 600, "seconds that the provider's clock may differ, from 0 to 600"),
  ALLOW_UNAUTHENTICATED: flag(
    'true or false; true lets everybody in who reaches HOST, where nobody has to authenticate',
  ),
  ALLOWED_HOSTS: about(
    list.pipe(z.array(hostName)).default([]),
    'further host names, separated by commas, under which browsers may reach the API',
    'rollcall.example.com',
  ),
  TRUST_PROXY: about(
    list.pipe(z.array(z.string().refine(isProxy))).default([]),
    `addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas; or ${PROXIES.join(', ')}`,
    '10.0.0.0/8',
  ),
  METRICS_PUBLIC: flag('true or false; true serves /metrics to everybody'),
  RATE_LIMIT_COMMANDS: rate(50, 'second and caller that change something'),
  RATE_LIMIT_READS: rate(1000, 'second and caller that only read'),
  RATE_LIMIT_NODE: rate(50, 'second of one node, by the HTTP gateway'),
  RATE_LIMIT_FAILURES: rate(20, 'minute and address whose credentials are refused'),
  AUDIT_RETENTION_DAYS: integer(365, 1, 36_500),
};

type AccessValues = z.output<z.ZodObject<typeof accessVariables>>;

/** Whether nobody but this machine reaches an address that we listen on. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

export function hasAuthentication(values: AccessValues): boolean {
  return (values.ADMIN_TOKENS ?? values.ADMIN_TOKENS_FILE ?? values.OIDC_ISSUER) !== undefined;
}

/** The same in the words of those who use it. `host` is what we listen on. */
export function accessOf(values: AccessValues, host: string) {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = values;
  return {
    /** No request has to authenticate. */
    open: !hasAuthentication(values),
    tokens: [...(values.ADMIN_TOKENS ?? []), ...(values.ADMIN_TOKENS_FILE ?? [])],
    /** Null: tokens of no issuer are taken. */
    oidc:
      issuer === undefined || audience === undefined
        ? null
        : {
            issuer,
            audience,
            /** Null: where the issuer's discovery document says. */
            jwksUrl: values.OIDC_JWKS_URL ?? null,
            rolesClaim: values.OIDC_ROLES_CLAIM,
            rolePrefix: values.OIDC_ROLE_PREFIX,
            nodeClaim: values.OIDC_NODE_CLAIM,
            clockToleranceS: values.OIDC_CLOCK_TOLERANCE_S,
          },
    hosts: { own: host, allowed: values.ALLOWED_HOSTS },
    trustedProxies: values.TRUST_PROXY,
    metricsPublic: values.METRICS_PUBLIC,
    /** 0: no limit. Who is alone with the registry on its machine is not limited. */
    limits:
      !hasAuthentication(values) && isLoopback(host)
        ? { commands: 0, reads: 0, node: 0, failures: 0 }
        : {
            commands: values.RATE_LIMIT_COMMANDS,
            reads: values.RATE_LIMIT_READS,
            node: values.RATE_LIMIT_NODE,
            failures: values.RATE_LIMIT_FAILURES,
          },
    auditRetentionDays: values.AUDIT_RETENTION_DAYS,
  };
}

function isProxy(text: string): boolean {
  if (PROXIES.includes(text)) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
