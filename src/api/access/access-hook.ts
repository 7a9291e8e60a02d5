import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { AuditLog } from '../audit/audit-log.js';
import { Refusals } from '../audit/refusals.js';
import type { Problem } from '../http/problem.js';
import { problemOf } from '../http/problem-of.js';
import { setSecurityHeaders } from '../http/security-headers.js';
import { AccessControl } from './access-control.js';
import { ACCESS_OPTIONS, type AccessOptions } from './access-options.js';
import type { Access } from './access.js';
import { forbidden } from './authorize.js';
import { BrowserGuard } from './browser-guard.js';
import type { Caller } from './caller.js';
import { declaredAccess } from './declared-routes.js';
import { endWith } from './end-with.js';
import { RateLimits } from './rate-limits.js';
import './request.js';

type Done = (error?: Error) => void;

/**
 * The one place where it is decided who may do what, before anything else looks at a request, whoever made its route. In this order:
 * whether a browser was misled, who it is, whether it comes too often, whether it may; and, once the body is there, the audit of what is
 * commanded. A route that does not declare who may use it is a mistake that stops the start.
 */
@Injectable()
export class AccessHook {
  private readonly guard: BrowserGuard;
  private readonly limits: RateLimits;

  constructor(
    @Inject(ACCESS_OPTIONS) private readonly options: AccessOptions,
    @Inject(AccessControl) private readonly control: AccessControl,
    @Inject(AuditLog) private readonly audit: AuditLog,
    @Inject(Refusals) private readonly refusals: Refusals,
  ) {
    const { open, hosts, limits } = options;
    this.guard = new BrowserGuard({ ...hosts, checksHost: open || hosts.allowed.length > 0 });
    this.limits = new RateLimits(limits);
  }

  /** Before the first route is made: hooks know only the routes that come after them. */
  install(fastify: FastifyInstance): void {
    fastify.decorateRequest('caller', null);
    fastify.decorateRequest('audited', null);
    fastify.decorateRequest('problem', null);
    fastify.addHook('onRoute', (route) => this.declare(route));
    this.limits.install(fastify);
    fastify.addHook('onRequest', (request, reply, done) => this.check(request, reply, done));
    fastify.addHook('preHandler', (request, _reply, done) => this.begin(request, done));
    fastify.addHook('onResponse', (request, reply, done) => {
      this.audit.finish(request, reply);
      done();
    });
  }

  private declare(route: RouteOptions): void {
    const found = route.config?.access ?? declaredAccess(route.url);
    if (found === null) {
      throw new Error(`${String(route.method)} ${route.url} does not declare who may use it: give it @Access(…)`);
    }
    const access: Access =
      found.openIf !== undefined && this.options[found.openIf] ? { ...found, least: 'open' } : found;
    route.config = { ...route.config, access };
  }

  private check(request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { raw, routeOptions } = request;
    setSecurityHeaders(reply.raw, routeOptions.url);
    // Node says so of what it has handed over as an upgrade; a header alone can say anything.
    const isUpgrade = (raw as { readonly upgrade?: unknown }).upgrade === true;
    const misled = this.guard.refusal({ method: request.method, headers: raw.headers, isUpgrade });
    if (misled !== null) return this.refuse(misled, request, reply, done);
    const { access } = routeOptions.config;
    // Nothing is served there.
    if (access === undefined || access.least === 'open') return this.admit(null, access, request, reply, done);
    const shown = credentials(request, access);
    if (isUpgrade && access.laterOverWebSocket === true && shown === undefined && !this.control.isOpen) {
      return this.admit(null, access, request, reply, done);
    }
    void reply.header('cache-control', 'no-store');
    const known = this.control.known(shown);
    if (known !== null) return this.admit(known, access, request, reply, done);
    this.authenticate(shown, request, reply).then(
      (caller) => this.admit(caller, access, request, reply, done),
      (error: unknown) => this.refuse(problemOf(error), request, reply, done, error),
    );
  }

  private async authenticate(shown: string | undefined, request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    if (shown !== undefined) {
      const tooOften = await this.limits.hasFailedTooOften(request, reply);
      if (tooOften !== null) throw tooOften;
    }
    try {
      return await this.control.authenticate(shown);
    } catch (error) {
      if (shown !== undefined && problemOf(error).type === 'unauthenticated') {
        await this.limits.count('failures', request, reply);
      }
      throw error;
    }
  }

  /** Its caller is known, or need not be. */
  private admit(
    caller: Caller | null,
    access: Access | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
    done: Done,
  ): void {
    request.caller = caller;
    const kind = this.limits.of(access);
    if (kind === null) return this.authorize(access, request, reply, done);
    this.limits.count(kind, request, reply).then(
      (tooMany) =>
        tooMany === null ? this.authorize(access, request, reply, done) : this.refuse(tooMany, request, reply, done),
      (error: unknown) => done(error as Error),
    );
  }

  private authorize(access: Access | undefined, request: FastifyRequest, reply: FastifyReply, done: Done): void {
    const { caller, routeOptions, method } = request;
    if (caller === null || access === undefined) return done();
    const { nodeId } = request.params as { readonly nodeId?: string };
    const refused = forbidden(caller, access, { operation: `${method} ${routeOptions.url ?? ''}`, nodeId });
    if (refused !== null) return this.refuse(refused, request, reply, done);
    if (access.stream === true) endWith(caller, reply.raw);
    done();
  }

  private refuse(
    problem: Problem,
    request: FastifyRequest,
    reply: FastifyReply,
    done: Done,
    cause: unknown = problem,
  ): void {
    const challenge = challengeOf(problem, request);
    if (challenge !== null) void reply.header('www-authenticate', challenge);
    if (problem.type !== 'internal') this.refusals.note(request, problem);
    done(cause as Error);
  }

  private begin(request: FastifyRequest, done: Done): void {
    if (request.routeOptions.config.access?.audit === undefined) return done();
    this.audit.begin(request).then(() => done(), done);
  }
}

function credentials({ raw: { headers } }: FastifyRequest, { consulToken }: Access): string | undefined {
  const token = consulToken === true ? headers['x-consul-token'] : undefined;
  return headers.authorization ?? (typeof token === 'string' ? `Bearer ${token}` : undefined);
}

/** RFC 6750, section 3. */
function challengeOf({ type }: Problem, { raw }: FastifyRequest): string | null {
  switch (type) {
    case 'unauthenticated':
      return `Bearer realm="rollcall"${raw.headers.authorization === undefined ? '' : ', error="invalid_token"'}`;
    case 'forbidden':
      return 'Bearer realm="rollcall", error="insufficient_scope"';
    default:
      return null;
  }
}
