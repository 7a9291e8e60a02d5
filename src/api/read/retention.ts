import type { OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { errorText } from '../../messages/index.js';
import type { Log } from '../../runtime/index.js';

const EVERY_MS = 10 * 60 * 1000;

/** Deletes, now and then, what nobody has to keep any more: a few rows at a time. */
export abstract class Retention implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  protected constructor(
    /** What is deleted, for the log. */
    private readonly what: string,
    /** Deletes some; whether there may be more. */
    private readonly deleteSome: () => Promise<boolean>,
    private readonly log: Log,
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
      while (!this.stopping && (await this.deleteSome()));
    } catch (error) {
      this.log.warn({ error: errorText(error) }, `${this.what} could not be deleted; the next round tries again`);
    }
  }
}
