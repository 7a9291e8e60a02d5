import { isDeepStrictEqual } from 'node:util';
import {
  decode,
  encode,
  outputId,
  topicOf,
  type Input,
  type Message,
  type MessageType,
  type Output,
} from '../../src/messages/index.js';
import type { Contract } from '../../src/runtime/contracts/contract.js';
import { at, NODE } from './builders.js';
import { deepFreeze, type AnyStep } from './given.js';

/** One call of a machine: a state of the pair's status, a message of its type, and whatever else it decides by. */
export type Sample<S> = {
  readonly label: string;
  readonly state: S | null;
  readonly message: Input;
  readonly decide: (state: S | null) => AnyStep;
};

type Options<S> = {
  readonly contract: Contract;
  readonly samplesOf: (status: string, message: MessageType) => readonly Sample<S>[];
  /** What else holds of every step; returns what does not. */
  readonly alsoHolds?: (before: S | null, message: Input, step: AnyStep) => string | null;
};

export function machineOf({ state_machine: machine, name }: Contract) {
  if (machine === undefined) throw new Error(`${name} has no state machine`);
  return machine;
}

/** Every (state, message) pair of the contract's table. */
export function pairsOf(contract: Contract): readonly (readonly [status: string, message: MessageType])[] {
  return Object.entries(machineOf(contract).table).flatMap(([status, row]) =>
    Object.keys(row).map((message) => [status, message as MessageType] as const),
  );
}

/** Takes every sample of a pair, and says what is not as the contract has it. */
export function problemsOf<S>(options: Options<S>, status: string, message: MessageType): readonly string[] {
  const named = machineOf(options.contract).table[status]?.[message] ?? [];
  const taken = new Set<string>();
  const problems = options.samplesOf(status, message).flatMap((sample) => {
    deepFreeze(sample);
    const step = sample.decide(sample.state);
    taken.add(step.rule);
    return [
      ...(named.includes(step.rule) ? [] : [`takes ${step.rule}, which the table does not name here`]),
      ...stepProblems(options, status, sample, step),
    ].map((problem) => `${sample.label}: ${problem}`);
  });
  const dead = named.filter((rule) => !taken.has(rule)).map((rule) => `no sample takes ${rule}`);
  return [...problems.slice(0, 20), ...dead];
}

function stepProblems<S>({ contract, alsoHolds }: Options<S>, status: string, sample: Sample<S>, step: AnyStep) {
  const rule = machineOf(contract).rules[step.rule];
  if (rule === undefined) return [`the contract has no rule ${step.rule}`];
  const problems: (string | null)[] = [];
  const hold = (holds: boolean, problem: string) => problems.push(holds ? null : `${step.rule}: ${problem}`);

  const to = step.path.at(-1) ?? status;
  hold(step.path.length === 0 || isDeepStrictEqual(step.path.slice(0, -1), rule.through), `goes ${step.path.join()}`);
  hold(rule.to.length === 0 ? step.path.length === 0 : rule.to.includes(to), `ends in ${to}`);
  const types: readonly string[] = step.outputs.map((output) => output.eventType);
  hold(
    rule.outputs_are === 'exactly'
      ? isDeepStrictEqual(types, rule.outputs)
      : types.length > 0 && types.every((type) => rule.outputs.includes(type)),
    `puts out ${types.join()}`,
  );
  hold(step.ignored === (rule.ignored ?? null), `is ignored as ${step.ignored}`);
  if (step.ignored !== null) {
    hold(step.state === sample.state, 'is ignored, but touches the state');
    hold(step.deadline === 'keep', 'is ignored, but touches the deadline');
  } else hold((step.state as { status?: string } | null)?.status === to, 'leaves another status in the state');

  for (const [index, output] of step.outputs.entries())
    problems.push(wireProblem(contract.name, output, index, sample));
  hold(isDeepStrictEqual(sample.decide(sample.state), step), 'differs when it is taken again');
  const text = JSON.stringify(step);
  const stored = JSON.parse(JSON.stringify(sample.state)) as S | null;
  hold(JSON.stringify(sample.decide(stored)) === text, 'differs after the state was stored');
  hold(isDeepStrictEqual(JSON.parse(text), step), 'has something in it that is not JSON');
  problems.push(alsoHolds?.(sample.state, sample.message, step) ?? null);
  return problems.filter((problem) => problem !== null);
}

/** Whether the receivers read what is put out as what was meant. */
function wireProblem(
  machine: string,
  output: Output,
  index: number,
  { message }: Pick<Sample<never>, 'message'>,
): string | null {
  const full = {
    eventId: outputId(message.eventId, machine, NODE, index),
    eventType: output.eventType,
    eventTimestamp: at(0),
    sourceNodeId: 'rollcall',
    correlationId: message.correlationId,
    causationId: message.eventId,
    payload: output.payload,
  } as Message;
  const topic = topicOf(output.eventType as Exclude<MessageType, 'DEADLINE_PASSED'>);
  const decoded = decode(topic, { key: NODE, value: Buffer.from(encode(full)) });
  if (!decoded.ok) return `${output.eventType} cannot be read: ${decoded.reason}`;
  return isDeepStrictEqual(decoded.message, full) ? null : `${output.eventType} is read as ${decoded.text}`;
}
