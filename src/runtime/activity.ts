import { ACTIVITY_TOPICS } from '../messages/index.js';
import type { Bus, Follower } from './bus.js';
import type { LogRecord } from './lanes/lane.js';
import type { Tap } from './transport.js';

/** Tells followers what the tap hears and what this process decides. */
export class Activity implements Tap {
  readonly topics = ACTIVITY_TOPICS;
  private readonly followers = new Set<Follower>();

  /** See {@link Bus.follow}. */
  readonly follow: Bus['follow'] = (follower) => {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  };

  heard(records: readonly LogRecord[]): void {
    for (const follower of this.followers) follower.heard(records);
  }

  missed(): void {
    for (const follower of this.followers) follower.missed();
  }

  decided(nodeIds: readonly string[]): void {
    if (nodeIds.length === 0) return;
    for (const follower of this.followers) follower.decided(nodeIds);
  }
}
