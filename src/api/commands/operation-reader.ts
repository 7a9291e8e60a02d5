import { Inject, Injectable } from '@nestjs/common';
import { STATE_DATABASE, type Database } from '../../runtime/index.js';
import { lettersOfCommands, type CommandLetter } from '../read/dead-letters-of-commands.js';
import { OperationStore, type Operation } from '../read/operation-store.js';
import { workflowSteps } from '../read/workflow-steps.js';
import { Slots } from '../read/slots.js';
import { outcomeOf, type Outcome } from './outcome.js';

/** Looks into the journal at once: the pool's connections are those of the lanes, too. */
const MAX_READS = 2;

/** What became of commands, as the journal has it, or as dead letters tell. Every method throws StateUnavailable. */
@Injectable()
export class OperationReader {
  private readonly reads = new Slots(MAX_READS);

  constructor(
    @Inject(OperationStore) private readonly operations: OperationStore,
    @Inject(STATE_DATABASE) private readonly database: Database,
  ) {}

  /** Null for an operation that is not known, or not any more. */
  async find(id: string): Promise<{ readonly operation: Operation; readonly outcome: Outcome } | null> {
    const operation = await this.operations.byId(id);
    if (operation === null) return null;
    const outcome = (await this.outcomes([operation])).get(id);
    return { operation, outcome: outcome ?? outcomeOf([]) };
  }

  /** By operation id. */
  async outcomes(operations: readonly Operation[]): Promise<ReadonlyMap<string, Outcome>> {
    const steps = await this.reads.run(() => workflowSteps(this.database, operations));
    const undecided = operations.filter(({ id }) => (steps.get(id) ?? []).length === 0);
    const letters =
      undecided.length === 0
        ? new Map<string, CommandLetter>()
        : await this.reads.run(() => lettersOfCommands(this.database, undecided));
    return new Map([...steps].map(([id, ofOne]) => [id, outcomeOf(ofOne, letters.get(id))]));
  }
}
