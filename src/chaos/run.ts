import type { ChaosOptions } from './options.js';
import type { Report } from './report.js';
import { inWorld, type Say } from './trial.js';
import { World } from './world/world.js';

export type Run = {
  readonly options: ChaosOptions;
  /** The project's folder. */
  readonly root: string;
  readonly say: Say;
  /** Ends the run at once; what it started is ended and wiped all the same. */
  readonly abort: AbortController;
};

/** Makes a world, breaks it, and judges what is left. Rejects when the run itself could not be made. */
export async function run({ options, root, say, abort }: Run): Promise<Report> {
  const { signal } = abort;
  const exits: string[] = [];
  const world = await World.create(root, (how) => {
    exits.push(how);
    say(how);
  });
  let leave: 'nothing' | 'logs' | 'all' = options.keep ? 'all' : 'logs';
  try {
    say(`seed ${options.seed}; logs in ${world.folder}`);
    const report = await inWorld(world, options, exits, say, abort);
    if (report.ok && leave === 'logs') leave = 'nothing';
    return { ...report, folder: leave === 'nothing' ? null : world.folder };
  } catch (error) {
    if (signal.aborted && isInterruption(signal.reason) && !options.keep) leave = 'nothing';
    else say(`the logs are in ${world.folder}`);
    throw signal.aborted ? signal.reason : error;
  } finally {
    say('ending every process');
    await world.end(leave);
  }
}

/** Ctrl-C and the like: nobody wants the logs of that. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

function isInterruption(reason: unknown): boolean {
  return reason instanceof Interrupted;
}
