import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import { LOG, type Log } from '../../runtime/index.js';
import { OperationStore } from '../read/operation-store.js';

const EVERY_MS = 10 * 60 * 1000;

/** Deletes operations that nobody can ask for any more, a few at a time. */
@Injectable()
export class OperationRetention implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    @Inject(OperationStore) private readonly operations: OperationStore,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.clean(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    this.stopping = true;
    clearInterval(this.timer);
  }

  async clean(): Promise<void> {
    try {
      while (!this.stopping && (await this.operations.deleteOld()));
    } catch (error) {
      this.log.warn({ error: errorText(error) }, 'old operations could not be deleted; the next round tries again');
    }
  }
}
