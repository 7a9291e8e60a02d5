import type { Input, Message, TopicSuffix } from '../../messages/index.js';
import { categoryOf } from '../contracts/category.js';
import type { Contract, StateMachineContract } from '../contracts/contract.js';
import type { HandlerRouting } from '../routing/handler-routing.js';
import type { MachineHandler, MachineState, Step, StepContext } from './step.js';

/** The code took a step that its contract does not name: a mistake of ours. The message becomes a dead letter, to be sent again. */
export class ContractViolation extends Error {}

/** A pure component as the runtime runs it: routed by its contract, and held to its table at every step. */
export class Machine {
  private readonly rules: StateMachineContract['rules'];
  private readonly table: StateMachineContract['table'];
  private readonly beforeTable: StateMachineContract['before_table'];
  private readonly handlers = new Map<string, MachineHandler>();
  /** Messages that only move columns (heartbeats). */
  private readonly unjournalled: ReadonlySet<string>;

  constructor(
    private readonly contract: Contract,
    private readonly routing: HandlerRouting<MachineHandler>,
    readonly registryId: string,
  ) {
    if (contract.state_machine === undefined) throw new Error(`${contract.name} has no state machine`);
    this.rules = contract.state_machine.rules;
    this.table = contract.state_machine.table;
    this.beforeTable = contract.state_machine.before_table;
    this.unjournalled = new Set(
      Object.values(this.table).flatMap((row) =>
        Object.entries(row)
          .filter(([, names]) => names.some((name) => this.rules[name]?.journalled === false))
          .map(([message]) => message),
      ),
    );
  }

  get name(): string {
    return this.contract.name;
  }

  get contractVersion(): string {
    return this.contract.contract_version;
  }

  get initialStatus(): string {
    return this.contract.state_machine?.initial ?? '';
  }

  /** Most nodes that may take part; null for no limit. */
  get fleetLimit(): number | null {
    return this.contract.admission?.fleet_limit ?? null;
  }

  /** States that count towards the fleet limit. */
  get participatingStatuses(): readonly string[] {
    return this.contract.admission?.participating_states ?? [];
  }

  /** Null when the contract gives the message to a handler, else why not. */
  refusal({ eventType }: Message, topic: TopicSuffix): string | null {
    const handlers = this.routing.routeToHandlers(eventType, categoryOf(topic));
    return handlers.length > 0 ? null : `${this.name} does not handle ${eventType}`;
  }

  /** Throws {@link ContractViolation} on a step that the table does not allow. */
  decide(state: MachineState, message: Input, context: StepContext): Step {
    const handler = this.handlerOf(message);
    const step = handler.decide(state, message, context);
    this.assertDeclared(state?.status ?? this.initialStatus, message, step);
    return step;
  }

  isJournalled(step: Step): boolean {
    return this.rules[step.rule]?.journalled !== false;
  }

  /** Messages that only move columns leave no trace when they are ignored, either. */
  isJournalledInput({ eventType }: Message): boolean {
    return !this.unjournalled.has(eventType);
  }

  /** States in which a message of the type may move columns, and nothing else. */
  statusesThatMoveColumns(eventType: string): readonly string[] {
    return Object.entries(this.table)
      .filter(([, row]) => row[eventType]?.some((name) => this.rules[name]?.journalled === false))
      .map(([status]) => status);
  }

  /** Why a message of the type is passed over in the state; null: of a node that nothing is known of. */
  ignoredReason(status: string | null, eventType: string): string {
    const names = this.table[status ?? this.initialStatus]?.[eventType] ?? [];
    const reason = names.map((name) => this.rules[name]?.ignored).find((ignored) => ignored !== undefined);
    if (reason === undefined) throw new ContractViolation(`${this.name}: (${status}, ${eventType}) is never ignored`);
    return reason;
  }

  private handlerOf({ eventType }: Input): MachineHandler {
    let handler = this.handlers.get(eventType);
    if (handler === undefined) {
      handler = (['event', 'command', 'intent'] as const)
        .flatMap((category) => this.routing.routeToHandlers(eventType, category))
        .at(0);
      if (handler === undefined) throw new ContractViolation(`${this.name} does not handle ${eventType}`);
      this.handlers.set(eventType, handler);
    }
    return handler;
  }

  private assertDeclared(from: string, { eventType }: Input, { rule: name, path, outputs }: Step): void {
    const rule = this.rules[name];
    const isNamed = (row: readonly string[] | undefined): boolean => row?.includes(name) === true;
    if (rule === undefined || !(isNamed(this.table[from]?.[eventType]) || isNamed(this.beforeTable[eventType]))) {
      throw new ContractViolation(`${this.name}: (${from}, ${eventType}) does not allow the rule ${name}`);
    }
    const to = path.at(-1) ?? from;
    const through = path.slice(0, -1);
    const rests = rule.to.length === 0 ? to === from : rule.to.includes(to);
    if (!rests || (path.length > 0 && through.join() !== rule.through.join())) {
      throw new ContractViolation(`${this.name}: the rule ${name} does not lead from ${from} by ${path.join(' > ')}`);
    }
    const types = outputs.map((output) => output.eventType as string);
    const fits =
      rule.outputs_are === 'exactly'
        ? types.join() === rule.outputs.join()
        : types.length > 0 && types.every((type) => rule.outputs.includes(type));
    if (!fits) throw new ContractViolation(`${this.name}: the rule ${name} does not put out ${types.join(', ')}`);
  }
}
