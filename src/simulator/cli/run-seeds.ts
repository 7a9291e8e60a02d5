import { Worker } from 'node:worker_threads';
import type { Answered, Asked } from '../worker.js';
import type { Options } from './options.js';
import { addOutcome, emptySummary, type Summary } from './summary.js';

const PROGRESS_EVERY_MS = 2000;

/** Deals the seeds out to threads, until they are used up, the time is, or so many have failed that nobody wants to see more. */
export async function runSeeds(options: Options, tell: (text: string) => void): Promise<Summary> {
  const summary = emptySummary();
  const started = Date.now();
  const until = options.minutes === null ? Infinity : started + options.minutes * 60_000;
  const end = options.seeds === null ? Infinity : options.from + options.seeds;
  const threads = new Set<Thread>();
  let next = options.from;
  let told = started;
  const hasSeenEnough = (): boolean => summary.failed.length >= options.failures;
  const nextSeed = (): number | null => (next < end && Date.now() < until && !hasSeenEnough() ? next++ : null);
  const hear = (answer: Answered): void => {
    if (hasSeenEnough()) return;
    addOutcome(summary, answer);
    if (answer.violation !== null)
      tell(`seed ${answer.seed}: ${answer.violation.invariant}: ${answer.violation.what.slice(0, 300)}`);
    // What the other threads have in hand is of no use any more.
    if (hasSeenEnough()) for (const thread of threads) thread.end();
    if (Date.now() - told < PROGRESS_EVERY_MS) return;
    told = Date.now();
    tell(`${summary.seeds} seeds, ${summary.failed.length} failed`);
  };
  const count = Math.min(options.workers, options.seeds ?? options.workers);
  for (let thread = 0; thread < count; thread++) threads.add(work(options.nodes, nextSeed, hear));
  await Promise.all([...threads].map(({ ended }) => ended));
  return summary;
}

type Thread = { readonly ended: Promise<void>; end(): void };

function work(nodes: number, nextSeed: () => number | null, hear: (answer: Answered) => void): Thread {
  const worker = new Worker(new URL('../worker.js', import.meta.url));
  const end = (): void => void worker.terminate();
  const deal = (): void => {
    const seed = nextSeed();
    if (seed === null) end();
    else worker.postMessage({ seed, nodes } satisfies Asked);
  };
  const ended = new Promise<void>((resolve, reject) => {
    worker.on('message', (answer: Answered) => {
      hear(answer);
      deal();
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
  deal();
  return { ended, end };
}
