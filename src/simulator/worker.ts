/** A thread of the simulator: runs the seeds that it is sent, and answers with what came of each. */
import './time/globals.js';
import { parentPort } from 'node:worker_threads';
import { makePlan } from './plan/make-plan.js';
import { run, type Outcome } from './run.js';

export type Asked = { readonly seed: number; readonly nodes: number };
export type Answered = Omit<Outcome, 'trace'>;

if (parentPort !== null) {
  const port = parentPort;
  port.on('message', (asked: Asked) => {
    void run(makePlan(asked)).then(({ trace: _trace, ...answer }) => port.postMessage(answer satisfies Answered));
  });
}
