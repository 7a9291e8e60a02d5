import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { AuditRetention } from '../audit/audit-retention.js';
import { Refusals } from '../audit/refusals.js';
import { AuditStore } from '../read/audit-store.js';
import { AccessControl } from './access-control.js';
import { AccessHook } from './access-hook.js';
import { ACCESS_OPTIONS, type AccessOptions } from './access-options.js';

/** Who may do what, for every process, whatever its roles. Needs LOG, METRICS and STATE_DATABASE from a global module. */
@Global()
@Module({})
export class AccessModule {
  static register(options: AccessOptions): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: ACCESS_OPTIONS, useValue: options },
        AccessControl,
        AccessHook,
        AuditStore,
        AuditLog,
        Refusals,
        AuditRetention,
      ],
      exports: [ACCESS_OPTIONS, AccessControl, AccessHook, AuditStore, AuditLog, Refusals],
    };
  }
}
