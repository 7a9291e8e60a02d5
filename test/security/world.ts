import { rm } from 'node:fs/promises';
import { newToken } from '../../src/token/new-token.js';
import { build, Rollcall } from '../e2e/rollcall.js';
import { until } from '../support/stack.js';
import { AUDIENCE, Provider } from './provider.js';

export const CALLERS = ['reader', 'operator', 'admin', 'node', 'otherNode'] as const;
export type CallerName = (typeof CALLERS)[number];

/** The node that the caller `node` may speak for. */
export const OWN_NODE = 'matrix-node';
/** The caller `fleet` may speak for those that begin so. */
const FLEET = 'fleet-';
const FLEET_SIZE = 20;
const COMMANDS_A_SECOND = 50;
/** All of the fleet together look less often than a reader may. */
const LOOK_EVERY_MS = 200;
export const FAILURES_A_MINUTE = 150;

const KNOWN = {
  reader: newToken({ name: 'the-reader', role: 'reader', nodes: null }),
  operator: newToken({ name: 'the-operator', role: 'operator', nodes: null }),
  admin: newToken({ name: 'the-admin', role: 'admin', nodes: null }),
  node: newToken({ name: 'the-node', role: 'node', nodes: OWN_NODE }),
  otherNode: newToken({ name: 'another-node', role: 'node', nodes: 'another-*' }),
  hurried: newToken({ name: 'the-hurried', role: 'operator', nodes: null }),
  fleet: newToken({ name: 'the-fleet', role: 'node', nodes: `${FLEET}*` }),
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where it is no JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
};

/** A registry as it runs in production, with embedded parts, callers of each role, and a fleet that registers over HTTP meanwhile. */
export class World {
  private readonly fleet: Promise<void>;
  readonly limits = { commands: COMMANDS_A_SECOND, failures: FAILURES_A_MINUTE };

  private constructor(
    readonly rollcall: Rollcall,
    readonly provider: Provider,
  ) {
    this.fleet = this.registerFleet();
    this.fleet.catch(() => undefined);
  }

  static async start(): Promise<World> {
    await build();
    const provider = await Provider.start();
    const rollcall = await Rollcall.startEmbedded({
      NODE_ENV: 'production',
      ADMIN_TOKENS: Object.values(KNOWN)
        .map(({ entry }) => entry)
        .join('\n'),
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      RATE_LIMIT_COMMANDS: String(COMMANDS_A_SECOND),
      RATE_LIMIT_FAILURES: String(FAILURES_A_MINUTE),
      // However slow the machine is, none of the fleet is taken for dead: that would be no attack's doing.
      LIVENESS_WINDOW_MS: '600000',
      ACK_TIMEOUT_MS: '600000',
    });
    return new World(rollcall, provider);
  }

  async stop(): Promise<void> {
    await this.rollcall.stop();
    await this.provider.close();
    await rm(this.rollcall.cwd, { recursive: true, force: true });
  }

  get url(): string {
    return this.rollcall.url;
  }

  token(caller: CallerName): string {
    return KNOWN[caller].token;
  }

  /** A request with the credentials of a caller, or with what is given as its token; null: without. */
  as(caller: CallerName | null, path: string, init: RequestInit = {}): Promise<Answer> {
    return this.withToken(caller === null ? null : this.token(caller), path, init);
  }

  /** An operator who uses up what it may ask for: by nobody else, who would have to wait for it. */
  asHurried(path: string, init: RequestInit): Promise<Answer> {
    return this.withToken(KNOWN.hurried.token, path, init);
  }

  async withToken(token: string | null, path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const ending = new AbortController();
    const response = await fetch(`${this.url}${path}`, { ...init, headers, signal: ending.signal });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const text = isStream ? '' : await response.text();
    if (isStream) ending.abort();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const body = isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  }

  post(caller: CallerName | null, path: string, body: unknown): Promise<Answer> {
    return this.as(caller, path, json(body));
  }

  graphql(query: string, caller: CallerName | null = 'reader'): Promise<Answer> {
    return this.post(caller, '/graphql', { query });
  }

  /** Every node that there is, in order. */
  async nodeIds(): Promise<readonly string[]> {
    const { body } = await this.as('reader', '/v1/nodes?limit=1000');
    return (body?.['items'] as readonly { readonly nodeId: string }[]).map(({ nodeId }) => nodeId);
  }

  /** Registered and active, all of it, whatever else was asked of the registry meanwhile. */
  async fleetIsActive(): Promise<readonly string[]> {
    await this.fleet;
    return Array.from({ length: FLEET_SIZE }, (_, index) => `${FLEET}${String(index).padStart(2, '0')}`);
  }

  private async registerFleet(): Promise<void> {
    await Promise.all(
      Array.from({ length: FLEET_SIZE }, async (_, index) => {
        const nodeId = `${FLEET}${String(index).padStart(2, '0')}`;
        // As a node does: what the log did not take in time is said again.
        const say = (what: string, body: unknown): Promise<Answer> =>
          until(
            async () => {
              const answer = await this.withToken(KNOWN.fleet.token, `/v1/nodes/${nodeId}/${what}`, json(body));
              return answer.status !== 503 && answer;
            },
            { everyMs: LOOK_EVERY_MS, what: `${what} of ${nodeId} to be taken` },
          );
        const state = async (): Promise<unknown> => (await this.as('reader', `/v1/nodes/${nodeId}`)).body?.['state'];
        const reaches = (wanted: string): Promise<unknown> =>
          until(async () => (await state()) === wanted, {
            everyMs: LOOK_EVERY_MS,
            what: `${nodeId} ${wanted}`,
          });
        expectTaken(await say('introspection', { nodeType: 'effect', endpoints: { api: 'http://10.0.0.1:8080' } }));
        await reaches('awaiting_ack');
        expectTaken(await say('ack', {}));
        await reaches('active');
        expectTaken(await say('heartbeat', {}));
      }),
    );
  }
}

function expectTaken({ status, text }: Answer): void {
  if (status !== 202) throw new Error(`a message of the fleet was answered with ${status}: ${text}`);
}

export function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

export function typeOf({ body }: Answer): unknown {
  return body?.['type'];
}
