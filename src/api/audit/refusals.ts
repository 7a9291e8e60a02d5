import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { v7 as uuidv7 } from 'uuid';
import { errorText } from '../../messages/index.js';
import { LOG, METRICS, type Log } from '../../runtime/index.js';
import type { Problem } from '../http/problem.js';
import { outcomeOf, type NewAuditEntry } from '../read/audit-entry.js';
import { AuditStore } from '../read/audit-store.js';
import { entryOf } from './entry-of.js';

const WRITTEN_EVERY_MS = 10_000;
/** Kinds of refused requests that are told apart between two writes; whoever sends ever new ones must not fill table or memory. */
const MAX_KINDS = 500;

type Seen = { entry: NewAuditEntry; count: number; readonly firstAt: string };

/**
 * Requests that were refused for who sent them, or how many: in the audit as a summary, a row for those that are alike (the same caller
 * or address, operation and problem). What was refused had no effect, so nobody waits for it to be written.
 */
@Injectable()
export class Refusals implements OnModuleInit, OnModuleDestroy {
  private seen = new Map<string, Seen>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly counted: Counter<'reason'>;

  constructor(
    @Inject(AuditStore) private readonly store: AuditStore,
    @Inject(LOG) private readonly log: Log,
    @Inject(METRICS) registry: Registry,
  ) {
    this.counted = new Counter({
      name: 'rollcall_refused_requests_total',
      help: 'Requests refused for who sent them, from where, or how many: by the type of the problem',
      labelNames: ['reason'],
      registers: [registry],
    });
  }

  onModuleInit(): void {
    this.timer = setInterval(() => void this.written(), WRITTEN_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.written();
  }

  note(request: FastifyRequest, { type, status }: Problem): void {
    this.counted.inc({ reason: type });
    const { caller, ip, method } = request;
    const key = [type, caller?.source, caller?.name, ip, method, request.routeOptions.url].join('\n');
    const known = this.seen.get(this.seen.size < MAX_KINDS || this.seen.has(key) ? key : type);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const isOneOfMany = this.seen.size >= MAX_KINDS;
    const entry = { ...entryOf(uuidv7(), request, caller), outcome: outcomeOf(status), status, problem: type };
    this.seen.set(isOneOfMany ? type : key, {
      entry: isOneOfMany ? { ...entry, ip: 'many', target: null, details: null } : entry,
      count: 1,
      firstAt: new Date().toISOString(),
    });
  }

  /** Resolves once all that was refused before is in the table, or could not be written. */
  written(): Promise<void> {
    return (this.writing = this.writing.then(() => this.write()));
  }

  private async write(): Promise<void> {
    const { seen } = this;
    if (seen.size === 0) return;
    this.seen = new Map();
    const entries = [...seen.values()].map(({ entry, count, firstAt }) =>
      count === 1 ? entry : { ...entry, count, firstAt, details: null },
    );
    for (const audit of entries) this.log.warn({ audit }, 'requests were refused');
    try {
      await this.store.insert(entries);
    } catch (error) {
      // They are in the log. To keep them would have them counted with later ones, for as long as the database is away.
      this.log.warn({ error: errorText(error), kinds: entries.length }, 'refused requests could not be audited');
    }
  }
}
