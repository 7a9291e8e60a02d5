import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ORCHESTRATOR_RULES, orchestratorHandlers } from '../../src/orchestrator/orchestrator.js';
import { REDUCER_HANDLERS, REDUCER_RULES } from '../../src/reducer/reducer.js';
import { ComponentRegistry } from '../../src/runtime/component-registry.js';
import type { DeclaredRules } from '../../src/runtime/contracts/check-state-machine.js';
import { ContractError } from '../../src/runtime/contracts/contract-error.js';
import type { Contract } from '../../src/runtime/contracts/contract.js';
import { loadContract, parseContract } from '../../src/runtime/contracts/load-contract.js';
import type { EffectHandler } from '../../src/runtime/lanes/effect.js';
import type { MachineHandler } from '../../src/runtime/lanes/step.js';
import { contractOf, yamlOf, type ContractYaml } from '../support/contracts.js';
import { OPEN } from '../support/workflow.js';

const COMPONENTS = ['orchestrator', 'reducer', 'registry-effect'] as const;
type Name = (typeof COMPONENTS)[number];

/** What the three modules hand over; a test spoils one thing of it. */
function real() {
  return {
    yaml: Object.fromEntries(COMPONENTS.map((name) => [name, yamlOf(name)])) as Record<Name, ContractYaml>,
    rules: { orchestrator: { ...ORCHESTRATOR_RULES }, reducer: { ...REDUCER_RULES } } as Record<string, DeclaredRules>,
    handlers: {
      orchestrator: [...orchestratorHandlers(OPEN)] as MachineHandler[],
      reducer: [...REDUCER_HANDLERS] as unknown as MachineHandler[],
    },
    effects: contractOf('registry-effect').handler_routing.handlers.map(({ handler: id }): EffectHandler => ({
      id,
      apply: () => Promise.resolve([]),
    })),
    leaveOut: new Set<Name>(),
  };
}

type Parts = ReturnType<typeof real>;

/** What boot says against the parts, after one thing was done to them; empty when it is content. */
function problemsAfter(spoil: (parts: Parts) => void): readonly string[] {
  const parts = real();
  spoil(parts);
  const registry = new ComponentRegistry();
  try {
    const contracts = Object.fromEntries(
      COMPONENTS.map((name) => [name, parseContract(parts.yaml[name], `src/${name}/contract.yaml`)]),
    ) as Record<Name, Contract>;
    for (const name of ['orchestrator', 'reducer'] as const) {
      if (parts.leaveOut.has(name)) continue;
      registry.registerMachine({
        contract: contracts[name],
        rules: parts.rules[name]!,
        handlers: parts.handlers[name],
      });
    }
    if (!parts.leaveOut.has('registry-effect'))
      registry.registerEffect({ contract: contracts['registry-effect'], handlers: parts.effects });
    registry.boot();
    return [];
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    for (const problem of error.problems) expect(error.message).toContain(problem);
    return error.problems;
  }
}

const machine = ({ yaml }: Parts, name: Name) => yaml[name].state_machine!;
const row = (parts: Parts, name: Name, state: string) => machine(parts, name).table[state]!;
const rule = (parts: Parts, name: Name, named: string) => machine(parts, name).rules[named]!;
const routing = ({ yaml }: Parts, name: Name) => yaml[name].handler_routing!;
const effectRoute = (parts: Parts) => routing(parts, 'registry-effect').handlers[1]!;

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

describe('boot', () => {
  it('is content with the three contracts, and opens their routing', () => {
    expect(problemsAfter(() => {})).toEqual([]);
    const registry = new ComponentRegistry();
    const { handlers, rules, effects } = real();
    registry.registerMachine({
      contract: contractOf('orchestrator'),
      rules: rules['orchestrator']!,
      handlers: handlers.orchestrator,
    });
    registry.registerMachine({ contract: contractOf('reducer'), rules: rules['reducer']!, handlers: handlers.reducer });
    registry.registerEffect({ contract: contractOf('registry-effect'), handlers: effects });
    const booted = registry.boot();
    const ids = (routed: readonly { readonly id: string }[] | undefined) => routed?.map(({ id }) => id);
    expect(ids(booted.machines[0]?.routing.routeToHandlers('NODE_HEARTBEAT', 'event'))).toEqual(['node-heartbeat']);
    expect(ids(booted.machines[1]?.routing.routeToHandlers('CONSUL_REGISTERED', 'event'))).toEqual(['reduce']);
    expect(ids(booted.effects[0]?.routing.routeToHandlers('consul.register', 'intent'))).toEqual([
      'register-consul-services',
    ]);
    expect(() => booted.effects[0]?.routing.confirmationOf('consul.deregister')).not.toThrow();
  });

  it.each<[string, (parts: Parts) => void, string]>([
    [
      'a pair that is missing',
      (parts) => delete row(parts, 'orchestrator', 'active')['NODE_HEARTBEAT'],
      'orchestrator: the table has no entry for (active, NODE_HEARTBEAT)',
    ],
    [
      'a pair without a rule',
      (parts) => (row(parts, 'reducer', 'idle')['NODE_BECAME_ACTIVE'] = []),
      'reducer: the table has no entry for (idle, NODE_BECAME_ACTIVE)',
    ],
    [
      'a row that is missing',
      (parts) => delete machine(parts, 'orchestrator').table['rejected'],
      'orchestrator: the table has no entry for (rejected, NODE_INTROSPECTION)',
    ],
    [
      'an unknown state in the table',
      (parts) => (machine(parts, 'orchestrator').table['dreaming'] = {}),
      'orchestrator: the table has a row for the unknown state dreaming',
    ],
    [
      'an unknown state in a rule',
      (parts) => (rule(parts, 'orchestrator', 'reject')['to'] = ['dreaming']),
      'orchestrator: rule reject leads to the unknown state dreaming',
    ],
    [
      'an initial state that is unknown',
      (parts) => (machine(parts, 'reducer').initial = 'dreaming'),
      'reducer: the initial state dreaming is unknown',
    ],
    [
      'a rule that rests where nothing rests',
      (parts) => (rule(parts, 'orchestrator', 'reject')['to'] = ['accepted']),
      'orchestrator: rule reject rests in accepted, which is passed through',
    ],
    [
      'a state that nothing leads to',
      (parts) => {
        machine(parts, 'orchestrator').states.push('dreaming');
        machine(parts, 'orchestrator').table['dreaming'] = row(parts, 'orchestrator', 'rejected');
      },
      'orchestrator: no rule leads to the state dreaming',
    ],
    [
      'a state that only itself leads to',
      (parts) => {
        row(parts, 'orchestrator', 'deregistering')['REGISTRATION_COMPLETED'] = ['ignore_stale'];
        row(parts, 'orchestrator', 'deregistered')['REGISTRATION_COMPLETED'] = ['finish_deregistration'];
      },
      'orchestrator: no rule leads to the state deregistered',
    ],
    [
      'a state that nothing passes through',
      (parts) => machine(parts, 'orchestrator').passed_through.push('dreaming'),
      'orchestrator: no rule passes through the state dreaming',
    ],
    [
      'an unknown rule in the table',
      (parts) => row(parts, 'orchestrator', 'none')['REGISTER_NODE']!.push('dream'),
      'orchestrator: (none, REGISTER_NODE) names the unknown rule dream',
    ],
    [
      'a message in the table that is not consumed',
      (parts) => (row(parts, 'orchestrator', 'none')['CONSUL_REGISTERED'] = ['ignore_stale']),
      'orchestrator: (none, CONSUL_REGISTERED): the component does not consume CONSUL_REGISTERED',
    ],
    [
      'a rule that is in no row',
      (parts) => (row(parts, 'orchestrator', 'awaiting_ack')['DEADLINE_PASSED'] = ['ignore_stale']),
      'orchestrator: rule time_out_ack is in no row of the table',
    ],
    [
      'a rule that the code does not know',
      (parts) => {
        machine(parts, 'reducer').rules['dream'] = { about: 'dreams' };
        row(parts, 'reducer', 'idle')['NODE_BECAME_ACTIVE']!.push('dream');
      },
      'reducer: rule dream is in contract.yaml, but not in the code',
    ],
    [
      'a rule that only the code knows',
      ({ rules }) => (rules['reducer'] = { ...rules['reducer'], dream: { through: [], to: [], outputs: [] } }),
      'reducer: rule dream is in the code, but not in contract.yaml',
    ],
    [
      'a rule with other outputs than in the code',
      (parts) => (rule(parts, 'orchestrator', 'acknowledge')['outputs'] as string[]).reverse(),
      'orchestrator: rule acknowledge: contract.yaml says {"triggers":[],"through":["ack_received"],"to":["active"],"outputs":["NODE_BECAME_ACTIVE","NODE_REGISTRATION_ACK_RECEIVED"],"outputsAre":"exactly"}, the code',
    ],
    [
      'a rule that goes another way than in the code',
      (parts) => (rule(parts, 'orchestrator', 'accept')['through'] = []),
      'orchestrator: rule accept: contract.yaml says',
    ],
    [
      'a rule with other triggers than in the code',
      (parts) => (rule(parts, 'reducer', 'desire_record')['triggers'] = ['reset']),
      'reducer: rule desire_record: contract.yaml says',
    ],
    [
      'a rule that is ignored for another reason than in the code',
      (parts) => (rule(parts, 'orchestrator', 'ignore_stale')['ignored'] = 'old'),
      'orchestrator: rule ignore_stale: contract.yaml says',
    ],
    [
      'a handler that is missing',
      ({ handlers }) => handlers.orchestrator.pop(),
      'orchestrator: the handler registration-failed (for REGISTRATION_FAILED) is unknown; registered: node-introspection, register-node,',
    ],
    [
      'a handler that is unknown',
      (parts) => (effectRoute(parts).handler = 'dream'),
      'registry-effect: the handler dream (for consul.deregister) is unknown; registered: register-consul-services,',
    ],
    [
      'a handler that nothing is routed to',
      ({ effects }) => effects.push({ id: 'dream', apply: () => Promise.resolve([]) }),
      'registry-effect: the handler dream is registered, but contract.yaml routes nothing to it',
    ],
    [
      'a message that nothing handles',
      (parts) => routing(parts, 'orchestrator').handlers.pop(),
      'orchestrator: nothing handles REGISTRATION_FAILED',
    ],
    [
      'a message that is routed but not consumed',
      (parts) => routing(parts, 'reducer').handlers.push({ routing_key: 'NODE_HEARTBEAT', handler: 'reduce' }),
      'reducer: NODE_HEARTBEAT is routed, but not consumed',
    ],
    [
      'a route that is there twice',
      (parts) => routing(parts, 'reducer').handlers.push(routing(parts, 'reducer').handlers[0]!),
      'reducer: the routing of NODE_REGISTRATION_INITIATED to reduce is there twice',
    ],
    [
      'an unknown topic',
      ({ yaml }) => (yaml.reducer.consumes[0]!.topic = 'evt.node-registration-initiated.v2'),
      'reducer: the topic evt.node-registration-initiated.v2 is unknown',
    ],
    [
      'a topic that has lost its consumer',
      ({ yaml }) => yaml.orchestrator.consumes.pop(),
      'orchestrator: is among the consumers of evt.node-heartbeat.v1, but its contract does not declare it',
    ],
    [
      'a topic that has lost its producer',
      ({ yaml }) => yaml.reducer.publishes.pop(),
      'reducer: is among the producers of evt.registration-progress.v1, but its contract does not declare it',
    ],
    [
      "a topic that is somebody else's",
      ({ yaml }) =>
        yaml.reducer.consumes.push({ topic: 'intent.consul.v1', messages: ['CONSUL_INTENT'], group: 'reducer' }),
      'reducer: is not among the consumers of intent.consul.v1 in src/messages/topics.ts',
    ],
    [
      'a message on the wrong topic',
      ({ yaml }) => yaml.orchestrator.publishes[0]!.messages.push('NODE_DEREGISTERED'),
      'orchestrator: NODE_DEREGISTERED does not belong on evt.node-registration-initiated.v1',
    ],
    ['a component that is missing', ({ leaveOut }) => leaveOut.add('reducer'), 'reducer: has no contract'],
    [
      'a machine without a table',
      ({ yaml }) => delete yaml.reducer.state_machine,
      'reducer: has handlers with state but no state_machine',
    ],
    [
      'a misspelt key',
      ({ yaml }) => {
        yaml.orchestrator['handler_ruting'] = yaml.orchestrator.handler_routing;
        delete yaml.orchestrator.handler_routing;
      },
      'src/orchestrator/contract.yaml: (root): Unrecognized key: "handler_ruting"',
    ],
    [
      'a misspelt key of a rule',
      (parts) => (rule(parts, 'orchestrator', 'accept')['output'] = []),
      'src/orchestrator/contract.yaml: state_machine.rules.accept: Unrecognized key: "output"',
    ],
    [
      'an unknown strategy',
      (parts) => (routing(parts, 'reducer').routing_strategy = 'guess'),
      'src/reducer/contract.yaml: handler_routing.routing_strategy: Invalid option:',
    ],
    [
      'a time that is none',
      ({ yaml }) => (yaml.orchestrator.timings['ack_timeout_ms'] = '30s'),
      'src/orchestrator/contract.yaml: timings.ack_timeout_ms: Invalid input:',
    ],
  ])('refuses %s', (_, spoil, expected) => {
    expect(problemsAfter(spoil).join('\n')).toContain(expected);
  });

  it.each<[string, (parts: Parts) => void]>([
    [
      'an operation that nothing carries out',
      (parts) => {
        routing(parts, 'registry-effect').handlers.splice(1, 1);
        parts.effects.splice(1, 1);
      },
    ],
    ['an operation that does not exist', (parts) => (effectRoute(parts).routing_key = 'consul.unregister')],
    ['a confirmation that does not exist', (parts) => (effectRoute(parts).confirms = 'CONSUL_UNREGISTERED')],
    ['a confirmation that is missing', (parts) => delete effectRoute(parts).confirms],
    [
      'a message of a consumed topic that the contract forgets',
      (parts) => {
        const { yaml } = parts;
        yaml.reducer.consumes[3]!.messages.pop();
        routing(parts, 'reducer').handlers.pop();
        for (const row of Object.values(machine(parts, 'reducer').table)) delete row['REGISTRY_EFFECT_FAILED'];
        for (const name of ['note_failure', 'report_failure']) {
          machine(parts, 'reducer').rules = without(machine(parts, 'reducer').rules, name);
          parts.rules['reducer'] = without(parts.rules['reducer']!, name);
        }
      },
    ],
    ['an output of a rule that the contract does not publish', ({ yaml }) => yaml.reducer.publishes[2]!.messages.pop()],
  ])('refuses %s', (_, spoil) => {
    expect(problemsAfter(spoil)).not.toEqual([]);
  });

  it('names every mistake at once', () => {
    const problems = problemsAfter((parts) => {
      delete row(parts, 'orchestrator', 'active')['NODE_HEARTBEAT'];
      parts.handlers.reducer.pop();
      parts.yaml['registry-effect'].publishes.pop();
      rule(parts, 'reducer', 'refuse_record')['to'] = ['complete'];
    });
    for (const part of [
      'orchestrator: the table has no entry for (active, NODE_HEARTBEAT)',
      'orchestrator: rule extend_liveness is in no row of the table',
      'reducer: the handler reduce (for NODE_BECAME_ACTIVE) is unknown; registered: none',
      'registry-effect: is among the producers of evt.registry-effect-result.v1, but its contract does not declare it',
      'reducer: rule refuse_record: contract.yaml says',
    ]) {
      expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(part)]));
    }
  });

  it('refuses a second handler of the same id', () => {
    expect(() => problemsAfter(({ effects }) => effects.push(effects[0]!))).toThrow(
      'a handler with the id register-consul-services is registered already: give this one another id',
    );
  });
});

describe('a contract that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-contract-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['broken YAML', 'name: [reducer', 'Flow sequence in block collection must be sufficiently indented'],
    ['a key that is there twice', 'name: reducer\nname: reducer\n', 'Map keys must be unique'],
    ['an empty file', '', '(root): Invalid input: expected object'],
    ['a list', '- name: reducer\n', '(root): Invalid input: expected object'],
  ])('%s', (_, text, expected) => {
    const file = join(folder, 'contract.yaml');
    writeFileSync(file, text);
    const load = () => loadContract(pathToFileURL(file));
    expect(load).toThrow(ContractError);
    expect(load).toThrow(`the contracts do not hold:\n  - ${file}: ${expected}`);
  });

  it('a file that is not there', () => {
    expect(() => loadContract(pathToFileURL(join(folder, 'none.yaml')))).toThrow(/no such file.*none\.yaml/s);
  });
});
