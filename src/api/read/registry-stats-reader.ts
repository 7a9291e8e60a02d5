import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE } from '../../runtime/index.js';
import {
  registrationMetrics,
  registryStats,
  takeCensus,
  type Census,
  type RegistrationMetrics,
  type RegistryStats,
} from './registry-stats.js';
import { Slots } from './slots.js';

/**
 * Numbers about the whole fleet. One census at a time; who asks while one is taken shares the next, so that every answer was
 * counted after it was asked for, and however many ask, the fleet is read once for all of them. Methods throw StateUnavailable.
 */
@Injectable()
export class RegistryStatsReader {
  private readonly slots = new Slots(1);
  private next: Promise<Census> | undefined;

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  async stats(): Promise<RegistryStats> {
    return registryStats(await this.census());
  }

  async registrations(): Promise<RegistrationMetrics> {
    return registrationMetrics(await this.census());
  }

  private census(): Promise<Census> {
    this.next ??= this.takeNext();
    return this.next;
  }

  private async takeNext(): Promise<Census> {
    // Later than the assignment of `next`, which ends when the count begins.
    await Promise.resolve();
    return this.slots.run(() => {
      this.next = undefined;
      return takeCensus(this.database);
    });
  }
}
