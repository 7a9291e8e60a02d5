import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { validated } from '../http/validate.js';
import type { AuditEntry } from '../read/audit-entry.js';
import { AuditStore } from '../read/audit-store.js';
import { encodeCursor } from '../read/cursor.js';
import { Answers } from '../rest/openapi-decorators.js';
import { listAuditQuery } from '../rest/queries.js';
import { AuditLog } from './audit-log.js';
import { Refusals } from './refusals.js';

type AuditDocument = { readonly items: readonly AuditEntry[]; readonly nextCursor: string | null };

/** Who had the registry do what, and who was refused. */
@Controller('v1/audit')
export class AuditController {
  constructor(
    @Inject(AuditStore) private readonly store: AuditStore,
    @Inject(AuditLog) private readonly log: AuditLog,
    @Inject(Refusals) private readonly refusals: Refusals,
  ) {}

  @Get()
  @Access('admin')
  @Answers({
    summary: 'Commands with their callers, and requests that were refused, the newest first',
    description:
      'Every command has an entry, written before it is carried out. Refused requests that were alike are one entry, with their ' +
      '`count`; those that another process refused show within 10 seconds. Kept for AUDIT_RETENTION_DAYS.',
    answer: 'AuditPage',
    query: listAuditQuery,
  })
  async list(@Query() query: unknown): Promise<AuditDocument> {
    const { limit, cursor, ...filter } = validated(listAuditQuery, query, 'query');
    await Promise.all([this.log.settled(), this.refusals.written()]);
    const { items, next } = await this.store.list(filter, { limit, after: cursor ?? null });
    return { items, nextCursor: next === null ? null : encodeCursor('audit', next) };
  }
}
