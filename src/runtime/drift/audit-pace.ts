import { BUCKETS } from './backend-audit.js';
import type { Audited } from './drift-report.js';

/**
 * What is paused after an audit, as a multiple of the work that it was: where everything changes all the time, auditing takes a
 * twentieth of a core. Where nothing has changed, its work is a few buckets, and that of finding this out, of which it rests 120 times
 * as long.
 */
const REST_FACTOR = 20;
const IDLE_REST_FACTOR = 120;
const MAX_REST_MS = 10 * 60_000;
/** After what makes a second look worth while, the rest is shorter, this many times in a row. */
const HURRY_FACTOR = 4;
const MAX_HURRIED = 12;
/** Most that comparing costs, measured, with what the servers do for it: of a bucket, and of each node in it. */
const BUCKET_MS = 1;
const NODE_MS = 0.05;
/** What it costs the registry's server to tell of each row whether it is another one. */
const NODE_MARK_MS = 0.003;

/** How long a backend is left alone after an audit. */
export class AuditPace {
  private hurried = 0;

  constructor(private readonly intervalMs: number) {}

  /** `nodes`: how many the fleet has. `lookAgainInMs`: when a second look is worth while; null when nothing calls for one. */
  restMs(workMs: number, nodes: number, lookAgainInMs: number | null): number {
    const worked = Math.max(workMs * REST_FACTOR, nodes * NODE_MARK_MS * IDLE_REST_FACTOR);
    const rest = Math.max(this.intervalMs, Math.min(worked, MAX_REST_MS));
    if (lookAgainInMs === null) this.hurried = 0;
    else if (this.hurried < MAX_HURRIED) {
      this.hurried += 1;
      return Math.min(rest, Math.max(lookAgainInMs, workMs * HURRY_FACTOR));
    }
    return rest;
  }
}

/** Work of an audit that took so long: on a busy machine, or with a slow backend, most of the time it only waits. */
export function workOf({ skippedBuckets, comparedNow }: Audited, tookMs: number): number {
  return Math.min(tookMs, (BUCKETS - skippedBuckets) * BUCKET_MS + comparedNow * NODE_MS);
}
