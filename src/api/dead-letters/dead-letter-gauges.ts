import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { errorText } from '../../messages/index.js';
import { LOG, METRICS, type Log } from '../../runtime/index.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';

/** However often metrics are read, the table is not counted more often. */
const COUNTED_EVERY_MS = 10_000;
/** A database that hangs does not keep the other metrics: the numbers of before are told. */
const WAITS_FOR_MS = 1000;

/** How many dead letters there are, counted when somebody reads the metrics. Every replica tells the same: they share the table. */
@Injectable()
export class DeadLetterGauges {
  private readonly stored: Gauge;
  private readonly quarantined: Gauge;
  private countedAt = -Infinity;
  private counting: Promise<void> | undefined;

  constructor(
    @Inject(DeadLetterReader) private readonly letters: DeadLetterReader,
    @Inject(METRICS) registry: Registry,
    @Inject(LOG) private readonly log: Log,
  ) {
    const collect = (): Promise<void> => this.refresh();
    this.stored = new Gauge({
      name: 'rollcall_dead_letters_stored',
      help: 'Dead letters in the table; sending them again removes none',
      registers: [registry],
      collect,
    });
    this.quarantined = new Gauge({
      name: 'rollcall_dead_letters_quarantined',
      help: 'Dead letters that failed too often when they were sent again, and wait for somebody to look',
      registers: [registry],
      collect,
    });
  }

  private async refresh(): Promise<void> {
    if (performance.now() - this.countedAt < COUNTED_EVERY_MS) return;
    this.counting ??= this.count().finally(() => (this.counting = undefined));
    const enough = new AbortController();
    const late = pause(WAITS_FOR_MS, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
    await Promise.race([this.counting, late]);
    enough.abort();
  }

  private async count(): Promise<void> {
    try {
      const { stored, quarantined } = await this.letters.count();
      this.stored.set(stored);
      this.quarantined.set(quarantined);
      this.countedAt = performance.now();
    } catch (error) {
      this.log.debug({ error: errorText(error) }, 'dead letters could not be counted');
    }
  }
}
