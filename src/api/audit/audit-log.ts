import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 as uuidv7 } from 'uuid';
import { errorText } from '../../messages/index.js';
import { LOG, type Log } from '../../runtime/index.js';
import { outcomeOf, type AuditResult, type NewAuditEntry } from '../read/audit-entry.js';
import { AuditStore } from '../read/audit-store.js';
import { entryOf } from './entry-of.js';
import { Gathered } from './gathered.js';

/**
 * The audit of commands. The entry is in the table before the command is carried out, so nothing is commanded that is not audited, and
 * a database that is away refuses the command. Its outcome is written after the answer; an entry without one stands for a process that
 * died on the way. Each is a line of the log, too.
 */
@Injectable()
export class AuditLog implements OnModuleDestroy {
  private readonly begun: Gathered<NewAuditEntry>;
  private readonly finished: Gathered<AuditResult>;
  private readonly entries = new WeakMap<FastifyRequest, NewAuditEntry>();

  constructor(
    @Inject(AuditStore) store: AuditStore,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.begun = new Gathered((entries) => store.insert(entries));
    this.finished = new Gathered((results) => store.finish(results));
  }

  /** Resolves once the command is in the table. Throws StateUnavailable. */
  async begin(request: FastifyRequest): Promise<void> {
    const entry = entryOf(uuidv7(), request, request.caller);
    await this.begun.add(entry);
    this.entries.set(request, entry);
    request.audited = { id: entry.id, resultId: null };
  }

  /** Once it is answered. Nobody waits for it. */
  finish(request: FastifyRequest, { statusCode: status }: FastifyReply): void {
    const entry = this.entries.get(request);
    if (entry === undefined) return;
    const { audited, problem } = request;
    const result = { id: entry.id, outcome: outcomeOf(status), status, problem, resultId: audited?.resultId ?? null };
    this.log.info({ audit: { ...entry, ...result } }, 'a command was answered');
    this.finished.add(result).catch((error: unknown) => {
      this.log.warn({ audit: result, error: errorText(error) }, 'the outcome of a command could not be audited');
    });
  }

  /** What is under way, for who reads it next, and before the database is closed. */
  async settled(): Promise<void> {
    await this.finished.idle();
  }

  onModuleDestroy(): Promise<void> {
    return this.settled();
  }
}
