import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { METRICS } from '../../runtime/index.js';
import type { Listener, LossReason } from './listener.js';

type Protocol = Listener['protocol'];

/** What is counted of those who follow events. */
@Injectable()
export class EventMetrics {
  private readonly following: Gauge<'protocol'>;
  private readonly told: Counter<'protocol'>;
  private readonly dropped: Counter<'protocol'>;
  private readonly losses: Counter<'reason'>;

  constructor(@Inject(METRICS) registry: Registry) {
    const registers = [registry];
    this.following = new Gauge({
      name: 'rollcall_event_followers',
      help: 'Open streams of events of the fleet',
      labelNames: ['protocol'],
      registers,
    });
    this.told = new Counter({
      name: 'rollcall_events_sent_total',
      help: 'Events sent to those who follow the fleet',
      labelNames: ['protocol'],
      registers,
    });
    this.dropped = new Counter({
      name: 'rollcall_event_followers_dropped_total',
      help: 'Followers let go because they had stopped to read',
      labelNames: ['protocol'],
      registers,
    });
    this.losses = new Counter({
      name: 'rollcall_event_gaps_total',
      help: 'Times that a follower was told that the log does not have all that came after its cursor',
      labelNames: ['reason'],
      registers,
    });
  }

  followers(protocol: Protocol, change: 1 | -1): void {
    this.following.inc({ protocol }, change);
  }

  sent(protocol: Protocol, events: number): void {
    this.told.inc({ protocol }, events);
  }

  letGo(protocol: Protocol): void {
    this.dropped.inc({ protocol });
  }

  lost(reason: LossReason): void {
    this.losses.inc({ reason });
  }
}
