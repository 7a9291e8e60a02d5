import { Worker } from 'node:worker_threads';
import type { Answered, Asked } from '../worker.js';
import type { Options } from './options.js';
import { addOutcome, emptySummary, type Summary } from './summary.js';

const PROGRESS_EVERY_MS = 2000;
/** Enough to see whether failures have one cause. */
const MAX_FAILURES = 20;

/** Deals the seeds out to threads, until they are used up, the time is, or too many have failed. */
export async function runSeeds(options: Options, tell: (text: string) => void): Promise<Summary> {
  const summary = emptySummary();
  const started = Date.now();
  const until = options.minutes === null ? Infinity : started + options.minutes * 60_000;
  const end = options.seeds === null ? Infinity : options.from + options.seeds;
  let next = options.from;
  let told = started;
  const nextSeed = (): number | null =>
    next < end && Date.now() < until && summary.failed.length < MAX_FAILURES ? next++ : null;
  const hear = (answer: Answered): void => {
    addOutcome(summary, answer);
    if (answer.violation !== null)
      tell(`seed ${answer.seed}: ${answer.violation.invariant}: ${answer.violation.what.slice(0, 300)}`);
    if (Date.now() - told < PROGRESS_EVERY_MS) return;
    told = Date.now();
    tell(`${summary.seeds} seeds, ${summary.failed.length} failed`);
  };
  const threads = Math.min(options.workers, options.seeds ?? options.workers);
  await Promise.all(Array.from({ length: threads }, () => work(options.nodes, nextSeed, hear)));
  return summary;
}

function work(nodes: number, nextSeed: () => number | null, hear: (answer: Answered) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../worker.js', import.meta.url));
    const deal = (): void => {
      const seed = nextSeed();
      if (seed === null) void worker.terminate().then(() => resolve());
      else worker.postMessage({ seed, nodes } satisfies Asked);
    };
    worker.on('message', (answer: Answered) => {
      hear(answer);
      deal();
    });
    worker.on('error', reject);
    deal();
  });
}
