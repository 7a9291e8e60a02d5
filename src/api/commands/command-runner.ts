import { Inject, Injectable } from '@nestjs/common';
import type { Operation } from '../read/operation-store.js';
import { CommandLog } from './command-log.js';
import type { Command } from './command.js';
import { OperationWatch } from './operation-watch.js';
import type { Outcome } from './outcome.js';

export type Ran = {
  readonly operation: Operation;
  /** Pending where nobody waited, or not long enough. */
  readonly outcome: Outcome;
  /** Seconds that the answer was allowed to take; 0 where nobody waited. */
  readonly waitedFor: number;
};

/** Sends a command, and waits for its outcome where that is wanted. */
@Injectable()
export class CommandRunner {
  constructor(
    @Inject(CommandLog) private readonly commands: CommandLog,
    @Inject(OperationWatch) private readonly operations: OperationWatch,
  ) {}

  /** Resolves once the command is on the log and settled, or `waitSeconds` are over, or the client has `gone`. Throws as `CommandLog.submit`. */
  async run(command: Command, waitSeconds: number, gone: AbortSignal): Promise<Ran> {
    // Before the command is published: the outcome must not come unheard.
    const watch = waitSeconds === 0 ? null : this.operations.open(command.nodeId);
    if (watch === null) {
      return {
        operation: await this.commands.submit(command),
        outcome: { status: 'pending', steps: [] },
        waitedFor: 0,
      };
    }
    gone.addEventListener('abort', () => watch.close(), { once: true });
    try {
      const operation = await this.commands.submit(command);
      return { operation, outcome: await watch.settled(operation, waitSeconds * 1000), waitedFor: waitSeconds };
    } finally {
      watch.close();
    }
  }
}
