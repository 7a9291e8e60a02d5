import { Inject, Injectable } from '@nestjs/common';
import { LOG, type Log } from '../../runtime/index.js';
import { ACCESS_OPTIONS, type AccessOptions } from '../access/access-options.js';
import { AuditStore } from '../read/audit-store.js';
import { Retention } from '../read/retention.js';

/** Entries of the audit that are older than they have to be kept. */
@Injectable()
export class AuditRetention extends Retention {
  constructor(
    @Inject(AuditStore) store: AuditStore,
    @Inject(ACCESS_OPTIONS) { auditRetentionDays }: AccessOptions,
    @Inject(LOG) log: Log,
  ) {
    super('old entries of the audit', () => store.deleteOlderThan(auditRetentionDays), log);
  }
}
