import { pause } from '../backoff.js';

/** Time as the audit sees it. */
export type DriftClock = {
  /** Milliseconds, monotonic. */
  now(): number;
  /** RFC 3339, UTC. */
  wall(): string;
  /** Waits; returns at once when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

export const SYSTEM_CLOCK: DriftClock = {
  now: () => performance.now(),
  wall: () => new Date().toISOString(),
  pause,
};
