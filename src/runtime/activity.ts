import { ACTIVITY_TOPICS } from '../messages/index.js';
import type { Bus, Follower } from './bus.js';
import type { LogRecord } from './lanes/lane.js';
import type { Tap } from './transport.js';

/** Tells followers what the tap hears and what this process decides. */
export class Activity implements Tap {
  readonly topics = ACTIVITY_TOPICS;
  private readonly followers = new Set<Follower>();
  private quiet: Quiet | undefined = newQuiet();

  /** See {@link Bus.follow}. */
  readonly follow: Bus['follow'] = (follower) => {
    this.followers.add(follower);
    this.quiet?.end();
    this.quiet = undefined;
    return () => {
      this.followers.delete(follower);
      if (this.followers.size === 0) this.quiet ??= newQuiet();
    };
  };

  silence(): Promise<void> | undefined {
    return this.quiet?.over;
  }

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

/** From when the last follower leaves until the next one comes. */
type Quiet = { readonly over: Promise<void>; readonly end: () => void };

function newQuiet(): Quiet {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { over, end };
}
