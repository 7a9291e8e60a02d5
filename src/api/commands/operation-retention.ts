import { Inject, Injectable } from '@nestjs/common';
import { LOG, type Log } from '../../runtime/index.js';
import { OperationStore } from '../read/operation-store.js';
import { Retention } from '../read/retention.js';

/** Operations that nobody can ask for any more. */
@Injectable()
export class OperationRetention extends Retention {
  constructor(@Inject(OperationStore) operations: OperationStore, @Inject(LOG) log: Log) {
    super('old operations', () => operations.deleteOld(), log);
  }
}
