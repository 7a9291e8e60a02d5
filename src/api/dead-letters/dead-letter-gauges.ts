import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { LOG, METRICS, type Log } from '../../runtime/index.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { Occasionally } from '../read/occasionally.js';

const COUNTED = { what: 'dead letters', everyMs: 10_000, waitsForMs: 1000, restsFor: 20 } as const;

/** How many dead letters there are, counted when somebody reads the metrics. Every replica tells the same: they share the table. */
@Injectable()
export class DeadLetterGauges {
  private readonly stored: Gauge;
  private readonly quarantined: Gauge;

  constructor(
    @Inject(DeadLetterReader) private readonly letters: DeadLetterReader,
    @Inject(METRICS) registry: Registry,
    @Inject(LOG) log: Log,
  ) {
    const counting = new Occasionally(() => this.count(), COUNTED, log);
    const collect = (): Promise<void> => counting.refresh();
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

  private async count(): Promise<void> {
    const { stored, quarantined } = await this.letters.count();
    this.stored.set(stored);
    this.quarantined.set(quarantined);
  }
}
