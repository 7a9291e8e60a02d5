import type { Contract, RuleContract, StateMachineContract } from './contract.js';

/** A rule as the code declares it, for comparison with the contract's. */
export type DeclaredRule = {
  readonly triggers?: readonly string[];
  readonly through: readonly string[];
  readonly to: readonly string[];
  readonly outputs: readonly string[];
  readonly outputsAre?: 'exactly' | 'some_of';
  readonly ignored?: string;
};

export type DeclaredRules = Readonly<Record<string, DeclaredRule>>;

/** Whether the table is total, every state reachable, every name known, and code and YAML of one mind. Returns the problems. */
export function checkStateMachine(contract: Contract, declared: DeclaredRules): readonly string[] {
  const machine = contract.state_machine;
  if (machine === undefined) return [`${contract.name}: has handlers with state but no state_machine`];
  const problems = [
    ...checkRules(machine),
    ...checkOutputs(contract, machine),
    ...checkTable(contract, machine),
    ...checkBeforeTable(contract, machine),
    ...checkReachability(machine),
    ...compareWithCode(machine, declared),
  ];
  return problems.map((problem) => `${contract.name}: ${problem}`);
}

function checkRules(machine: StateMachineContract): string[] {
  const { rules, states, passed_through: passing, table, before_table: before } = machine;
  const known = new Set([...states, ...passing]);
  const used = new Set([...Object.values(table), before].flatMap((row) => Object.values(row).flat()));
  return Object.entries(rules).flatMap(([name, rule]) => [
    ...[...rule.through, ...rule.to]
      .filter((state) => !known.has(state))
      .map((state) => `rule ${name} leads to the unknown state ${state}`),
    ...rule.to
      .filter((state) => passing.includes(state))
      .map((state) => `rule ${name} rests in ${state}, which is passed through`),
    ...(used.has(name) ? [] : [`rule ${name} is in no row of the table`]),
  ]);
}

function checkOutputs({ publishes }: Contract, { rules }: StateMachineContract): string[] {
  const published = new Set(publishes.flatMap(({ messages }) => messages));
  return Object.entries(rules).flatMap(([name, { outputs }]) =>
    outputs
      .filter((output) => !published.has(output))
      .map((output) => `rule ${name} puts out ${output}, which the component does not publish`),
  );
}

function checkTable(contract: Contract, { table, states, rules }: StateMachineContract): string[] {
  const messages = [...new Set(contract.consumes.flatMap((consumed) => consumed.messages))];
  const problems: string[] = [];
  for (const state of states) {
    for (const message of messages) {
      const named = table[state]?.[message] ?? [];
      if (named.length === 0) problems.push(`the table has no entry for (${state}, ${message})`);
      for (const name of named) {
        if (!Object.hasOwn(rules, name)) problems.push(`(${state}, ${message}) names the unknown rule ${name}`);
      }
    }
  }
  for (const [state, row] of Object.entries(table)) {
    if (!states.includes(state)) problems.push(`the table has a row for the unknown state ${state}`);
    for (const message of Object.keys(row)) {
      if (!messages.includes(message))
        problems.push(`(${state}, ${message}): the component does not consume ${message}`);
    }
  }
  return problems;
}

function checkBeforeTable({ consumes }: Contract, { before_table: before, rules }: StateMachineContract): string[] {
  const messages = new Set(consumes.flatMap((consumed) => consumed.messages));
  return Object.entries(before).flatMap(([message, named]) => [
    ...(messages.has(message) ? [] : [`before_table: the component does not consume ${message}`]),
    ...named
      .filter((name) => rules[name]?.ignored === undefined)
      .map((name) => `before_table: ${message} names ${name}, which is no rule that passes a message over`),
  ]);
}

function checkReachability({ initial, states, passed_through: passing, table, rules }: StateMachineContract): string[] {
  if (!states.includes(initial)) return [`the initial state ${initial} is unknown`];
  const reached = new Set([initial]);
  const passed = new Set<string>();
  for (const state of reached) {
    for (const name of Object.values(table[state] ?? {}).flat()) {
      if (!Object.hasOwn(rules, name)) continue;
      rules[name]?.to.forEach((next) => reached.add(next));
      rules[name]?.through.forEach((next) => passed.add(next));
    }
  }
  return [
    ...states.filter((state) => !reached.has(state)).map((state) => `no rule leads to the state ${state}`),
    ...passing.filter((state) => !passed.has(state)).map((state) => `no rule passes through the state ${state}`),
  ];
}

function compareWithCode({ rules }: StateMachineContract, declared: DeclaredRules): string[] {
  const problems: string[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const code = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (code === undefined) problems.push(`rule ${name} is in contract.yaml, but not in the code`);
    else if (shapeOf(rule) !== shapeOf(asContract(code))) {
      problems.push(`rule ${name}: contract.yaml says ${shapeOf(rule)}, the code ${shapeOf(asContract(code))}`);
    }
  }
  for (const name of Object.keys(declared)) {
    if (!Object.hasOwn(rules, name)) problems.push(`rule ${name} is in the code, but not in contract.yaml`);
  }
  return problems;
}

type Shape = Pick<RuleContract, 'triggers' | 'through' | 'to' | 'outputs' | 'outputs_are' | 'ignored'>;

function asContract({ triggers = [], through, to, outputs, outputsAre = 'exactly', ignored }: DeclaredRule): Shape {
  return { triggers, through, to, outputs, outputs_are: outputsAre, ignored };
}

function shapeOf({ triggers, through, to, outputs, outputs_are: outputsAre, ignored }: Shape): string {
  return JSON.stringify({ triggers, through, to, outputs, outputsAre, ignored });
}
