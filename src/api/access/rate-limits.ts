import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import type { Access } from './access.js';
import type { Limits } from './access-options.js';

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Callers, addresses or nodes whose requests are counted at once; the one that was quiet for longest is forgotten. */
const MAX_COUNTED = 20_000;

/**
 * How many requests a caller may make. Commands and reads are counted by who the caller is, or by its address; what nodes say by the
 * gateway is counted by node, so that no fleet is ever too large. Counted by each process for itself.
 */
export class RateLimits {
  private limiters: ReadonlyMap<keyof Limits, Limiter> = new Map();

  constructor(private readonly limits: Limits) {}

  /** Before the routes are made. */
  install(fastify: FastifyInstance): void {
    void fastify.register(rateLimit, { global: false });
    fastify.addHook('onReady', (done) => {
      const limited = KINDS.filter((kind) => this.limits[kind] > 0);
      this.limiters = new Map(limited.map((kind) => [kind, this.limiter(fastify, kind)]));
      done();
    });
  }

  private limiter(fastify: FastifyInstance, kind: keyof Limits): Limiter {
    const { timeWindow, keyGenerator } = COUNTED[kind];
    // `cache` is how many keys the store of this limiter holds; the types do not have it.
    const options = { max: this.limits[kind], timeWindow, keyGenerator, cache: MAX_COUNTED };
    return fastify.createRateLimit(options);
  }

  /** Null where nothing counts this request, so that nobody has to wait. */
  of(access: Access | undefined): keyof Limits | null {
    if (access?.unlimited === true) return null;
    const kind = access?.node === 'own' ? 'node' : access?.audit === undefined ? 'reads' : 'commands';
    return this.limiters.has(kind) ? kind : null;
  }

  /** Counts a request and tells in the answer how many are left. A problem where it is one too many. */
  async count(kind: keyof Limits, request: FastifyRequest, reply: FastifyReply): Promise<Problem | null> {
    const found = await this.limiters.get(kind)?.(request);
    if (found === undefined || found.isAllowed) return null;
    const { max, remaining, ttlInSeconds, isExceeded } = found;
    void reply.headers({
      'ratelimit-limit': String(max),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': String(ttlInSeconds),
    });
    return isExceeded ? tooMany(reply, max, kind, ttlInSeconds) : null;
  }

  /** Whether an address has shown too many bad credentials lately; counts nothing. */
  async hasFailedTooOften(request: FastifyRequest, reply: FastifyReply): Promise<Problem | null> {
    const found = await this.limiters.get('failures')?.(request, { increment: false });
    if (found === undefined || found.isAllowed || found.remaining > 0) return null;
    return tooMany(reply, found.max, 'failures', found.ttlInSeconds);
  }
}

function tooMany(reply: FastifyReply, max: number, kind: keyof Limits, seconds: number): Problem {
  void reply.header('retry-after', String(Math.max(1, seconds)));
  return new Problem(
    'too-many-requests',
    `At most ${max} ${COUNTED[kind].words} are taken. Try again in ${Math.max(1, seconds)} s.`,
  );
}

function callerKey(request: FastifyRequest): string {
  const { caller } = request;
  return caller === null || caller.source === 'none' ? addressKey(request) : `${caller.source} ${caller.name}`;
}

/** Who speaks for a node is part of it: nobody can use up what another one has. */
function nodeKey(request: FastifyRequest): string {
  return `${callerKey(request)} ${(request.params as { readonly nodeId?: string }).nodeId ?? ''}`;
}

/** Of IPv6 the network: one customer has all of its addresses. */
function addressKey({ ip }: FastifyRequest): string {
  return rateLimit.normalizeIP(ip);
}

/** How each kind is counted: within which time, for whom, and what it is called. */
const COUNTED = {
  commands: { timeWindow: SECOND_MS, keyGenerator: callerKey, words: 'commands a second' },
  reads: { timeWindow: SECOND_MS, keyGenerator: callerKey, words: 'requests a second' },
  node: { timeWindow: SECOND_MS, keyGenerator: nodeKey, words: 'messages of one node a second' },
  failures: { timeWindow: MINUTE_MS, keyGenerator: addressKey, words: 'refused credentials a minute from one address' },
} as const;
const KINDS = Object.keys(COUNTED) as (keyof Limits)[];
