import { Pool } from 'undici';
import { NODE_TYPES } from '../../messages/index.js';
import { connector } from './connector.js';
import { consulUrl, tokenHeader, type ConsulConnection } from './consul-options.js';
import { ConsulRefusal } from './consul-errors.js';

export type ConsulRight = {
  readonly resource: 'node' | 'service';
  readonly name: string;
  readonly access: 'write';
  readonly isAllowed: boolean;
};

/** What Consul is, and what it lets a registry do. */
export type ConsulFacts = {
  /** Empty while there is none, and then it takes no writes. */
  readonly leader: string;
  /** How far its clock is from ours: its answers tell whole seconds. Milliseconds; above 0: it is ahead. Null: it does not tell. */
  readonly clockMs: number | null;
  /** `unknown_token`: Consul does not know it. `untold`: a Consul that cannot be asked what a token may. */
  readonly acl: 'off' | 'on' | 'unknown_token' | 'untold';
  /** Those that a registry needs, where ACLs are on. */
  readonly rights: readonly ConsulRight[];
};

type Answer = { readonly status: number; readonly text: string; readonly clockMs: number | null };

/** The first of the 256 synthetic nodes stands for all: a rule for one of them alone is nobody's. */
const A_BUCKET = '00';

/** Looks, and changes nothing. Rejects with what Consul, or the way to it, has against it. */
export async function readConsulFacts({
  registryId,
  timeoutMs,
  ...consul
}: ConsulConnection & { readonly registryId: string; readonly timeoutMs: number }): Promise<ConsulFacts> {
  const pool = new Pool(consulUrl(consul.address).origin, { connect: connector(consul.tls, timeoutMs) });
  const headers = tokenHeader(consul);
  const ask = async (method: 'GET' | 'POST', path: string, content?: object): Promise<Answer> => {
    const before = Date.now();
    const body = content === undefined ? null : JSON.stringify(content);
    const answer = await pool.request({
      method,
      path,
      headers,
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const at = Date.parse(String(answer.headers['date']));
    // The header has whole seconds, so the moment is half a second later on average.
    const clockMs = Number.isNaN(at) ? null : at + 500 - (before + Date.now()) / 2;
    return { status: answer.statusCode, text: await answer.body.text(), clockMs };
  };
  try {
    const leader = await ask('GET', '/v1/status/leader');
    if (leader.status !== 200) throw new ConsulRefusal(leader.status, leader.text);
    return { leader: leaderIn(leader.text), clockMs: leader.clockMs, ...(await rightsOf(ask, registryId)) };
  } finally {
    await pool.destroy();
  }
}

function leaderIn(text: string): string {
  try {
    const leader: unknown = JSON.parse(text);
    if (typeof leader === 'string') return leader;
  } catch {
    // Said below.
  }
  throw new Error('what answers at the address is no Consul');
}

/** The question that Consul's own page asks to know which buttons to show. It has no place in the documented API. */
async function rightsOf(
  ask: (method: 'POST', path: string, content: object) => Promise<Answer>,
  registryId: string,
): Promise<Pick<ConsulFacts, 'acl' | 'rights'>> {
  const wanted = [
    { resource: 'node', name: `${registryId}-${A_BUCKET}`, access: 'write' },
    ...NODE_TYPES.map((type) => ({ resource: 'service', name: `onex-${type}`, access: 'write' }) as const),
  ] as const;
  const { status, text } = await ask(
    'POST',
    '/v1/internal/acl/authorize',
    wanted.map(({ resource, name, access }) => ({ Resource: resource, Access: access, Segment: name })),
  );
  if (status === 401 && /disabled/i.test(text)) return { acl: 'off', rights: [] };
  if (status === 403) return { acl: 'unknown_token', rights: [] };
  const allowed = status === 200 ? allowedIn(text) : null;
  if (allowed?.length !== wanted.length) return { acl: 'untold', rights: [] };
  return { acl: 'on', rights: wanted.map((right, index) => ({ ...right, isAllowed: allowed[index] === true })) };
}

function allowedIn(text: string): readonly boolean[] | null {
  try {
    const answers: unknown = JSON.parse(text);
    if (!Array.isArray(answers)) return null;
    return answers.map((answer: { readonly Allow?: unknown } | null) => answer?.Allow === true);
  } catch {
    return null;
  }
}
