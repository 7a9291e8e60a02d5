import { describe, expect, it } from '@jest/globals';
import type {
  ConsulEntry,
  Evidence,
  ExpectedNode,
  ForeignEntry,
  Registration,
  Workflow,
} from '../../src/chaos/evidence.js';
import { groupsAtTheEnd, journalFolds, noOutcry, replicasHealthy } from '../../src/chaos/invariants/at-rest.js';
import { backendsAsExpected } from '../../src/chaos/invariants/backends-as-expected.js';
import { deadLetters } from '../../src/chaos/invariants/dead-letters.js';
import { foreignUntouched } from '../../src/chaos/invariants/foreign-untouched.js';
import { INVARIANTS, judgeAll } from '../../src/chaos/invariants/index.js';
import { isActedOn } from '../../src/chaos/faults/rubbish.js';
import { HandMadeLog } from './hand-made.js';

const EXPECTED: ExpectedNode = { nodeId: 'a', presence: 'active', incarnation: 7, edition: 2 };
const ENTRY: ConsulEntry = { nodeId: 'a', serviceId: 'onex-effect-a', status: 'passing', revision: 4 };
const ROW: Registration = { nodeId: 'a', state: 'active', revision: 4, incarnation: 7, edition: 2 };
const WORKFLOW: Workflow = { nodeId: 'a', status: 'active', revision: 4, backends: 'complete' };

describe('backends-as-expected', () => {
  const healthy = { expected: [EXPECTED], consul: [ENTRY], registrations: [ROW], workflows: [WORKFLOW] };
  const judge = (rest: Partial<Evidence>, log = new HandMadeLog()) =>
    backendsAsExpected.judge(log.evidence({ ...healthy, ...rest })).violations;

  it('lets an active node pass', () => {
    expect(judge({})).toEqual([]);
  });

  it('lets one pass whose service in Consul is older, where only its health has changed since', () => {
    const log = new HandMadeLog();
    const intent = { intentType: 'consul.register', nodeId: 'a', revision: 4, onlyHealth: true };
    log.say('CONSUL_INTENT', 'a', { intent: { payload: intent } });
    expect(judge({ consul: [{ ...ENTRY, revision: 3 }] }, log)).toEqual([]);
    expect(judge({ consul: [{ ...ENTRY, revision: 2 }] }, log)).toEqual([
      'a: its revision in Consul is 2, in node_registrations 4',
    ]);
  });

  it.each<[string, Partial<Evidence>]>([
    ['it is not in Consul', { consul: [] }],
    ['it is in Consul 2 times', { consul: [ENTRY, { ...ENTRY, serviceId: 'onex-compute-a' }] }],
    ['it is critical in Consul', { consul: [{ ...ENTRY, status: 'critical' }] }],
    ['it is not in node_registrations', { registrations: [] }],
    ['it is registered in node_registrations', { registrations: [{ ...ROW, state: 'registered' }] }],
    ['its revision in Consul is 3, in node_registrations 4', { consul: [{ ...ENTRY, revision: 3 }] }],
    ['its revision in Consul is 5, in node_registrations 4', { consul: [{ ...ENTRY, revision: 5 }] }],
    ['its revision in node_registrations is 4, desired is 5', { workflows: [{ ...WORKFLOW, revision: 5 }] }],
    ['its workflow is awaiting_ack, expected active', { workflows: [{ ...WORKFLOW, status: 'awaiting_ack' }] }],
    ['its reducer is partial', { workflows: [{ ...WORKFLOW, backends: 'partial' }] }],
    ['its record is of incarnation 7, edition 1; it said 7, 2', { registrations: [{ ...ROW, edition: 1 }] }],
  ])('finds: %s', (fault, rest) => {
    expect(judge(rest)).toEqual([`a: ${fault}`]);
  });

  const gone = { expected: [{ ...EXPECTED, presence: 'gone' as const }] };
  const GONE_ROW = { ...ROW, state: 'deregistered' };

  it('lets one pass that is gone from both', () => {
    expect(judge({ ...gone, consul: [], registrations: [GONE_ROW] })).toEqual([]);
    expect(judge({ ...gone, consul: [], registrations: [] })).toEqual([]);
  });

  it('finds one that is gone and still there', () => {
    expect(judge({ ...gone, registrations: [GONE_ROW] })).toEqual([
      'a: it is gone, and still in Consul: onex-effect-a, passing',
    ]);
    expect(judge({ ...gone, consul: [] })).toEqual([
      'a: it is gone, and still active in node_registrations; its workflow is active',
    ]);
  });

  it('finds a ghost', () => {
    expect(judge({ consul: [ENTRY, { ...ENTRY, nodeId: 'ghost' }] })).toEqual([
      'ghost stands in a backend, and was never a node of the fleet',
    ]);
  });
});

describe('foreign entries', () => {
  const row: ForeignEntry = { name: 'foreign-1', in: 'postgres', planted: '{"a":1}', found: '{"a":1}' };
  const service: ForeignEntry = { name: 'chaos-00/guest-2', in: 'consul', planted: '{"b":1}', found: '{"b":1}' };

  it('may stand among ours', () => {
    const evidence = new HandMadeLog().evidence({
      foreign: [row, service],
      registrations: [{ ...ROW, nodeId: 'foreign-1' }],
    });
    expect(foreignUntouched.judge(evidence)).toMatchObject({ looked: 2, violations: [] });
    expect(backendsAsExpected.judge(evidence).violations).toEqual([]);
  });

  it.each([
    ['changed', { ...row, found: '{"a":2}' }, 'foreign-1 in postgres was {"a":1}, is {"a":2}'],
    ['gone', { ...service, found: null }, 'chaos-00/guest-2 in consul was {"b":1}, is gone'],
  ])('are to be as they were: %s', (_what, entry, violation) => {
    const { violations } = foreignUntouched.judge(new HandMadeLog().evidence({ foreign: [entry] }));
    expect(violations).toEqual([violation]);
  });

  it('are none where they say that they are ours', () => {
    const ghost = { ...ENTRY, nodeId: 'foreign-1' };
    const evidence = new HandMadeLog().evidence({ foreign: [row], consul: [ghost] });
    expect(backendsAsExpected.judge(evidence).violations).toEqual([
      'foreign-1 stands in a backend, and was never a node of the fleet',
    ]);
  });
});

describe('dead-letters', () => {
  const TOPIC = 'evt.node-introspection.v1';
  const letterOf = (offset: number) => ({
    originalTopic: `chaos.${TOPIC}`,
    originalPartition: 0,
    originalOffset: offset,
  });

  /** One record of rubbish, with so many dead letters (of different ids) and rows. */
  function judge({ letters = 1, copies = 0, rows = 1, topic = TOPIC as Parameters<HandMadeLog['rubbish']>[0] }) {
    const log = new HandMadeLog();
    log.rubbish(topic);
    const letter = { ...letterOf(0), originalOffset: '0' };
    for (let index = 0; index < letters; index += 1) log.say('DEAD_LETTER', 'x', letter, { id: `letter ${index}` });
    for (let index = 0; index < copies; index += 1) log.say('DEAD_LETTER', 'x', letter, { id: 'letter 0' });
    return deadLetters.judge(log.evidence({ deadLetterRows: Array.from({ length: rows }, () => letterOf(0)) }));
  }

  it('lets one letter with its copies and its row pass', () => {
    expect(judge({ copies: 2 })).toMatchObject({ looked: 1, violations: [] });
  });

  it.each([
    [{ letters: 0 }, `${TOPIC}/0@0: 0 dead letters in the topic, expected 1`],
    [{ letters: 2 }, `${TOPIC}/0@0: 2 dead letters in the topic, expected 1`],
    [{ rows: 0 }, `${TOPIC}/0@0: 0 dead letters in the table, expected 1`],
    [{ rows: 2 }, `${TOPIC}/0@0: 2 dead letters in the table, expected 1`],
  ])('finds what is wrong with %j', (what, violation) => {
    expect(judge(what).violations).toEqual([violation]);
  });

  it('wants none for rubbish on a topic that the registry only writes', () => {
    expect(judge({ topic: 'evt.node-deregistered.v1', letters: 0, rows: 0 })).toMatchObject({
      looked: 0,
      violations: [],
    });
  });

  it('finds a message of a node that was taken for rubbish', () => {
    const log = new HandMadeLog();
    log.say('NODE_INTROSPECTION', 'a');
    log.say('DEAD_LETTER', 'a', { ...letterOf(0), originalOffset: '0' });
    expect(deadLetters.judge(log.evidence()).violations).toEqual([
      `${TOPIC}/0@0 is a dead letter, and is no rubbish of ours`,
    ]);
  });

  it('knows which topics the registry acts on', () => {
    expect(isActedOn('intent.consul.v1')).toBe(true);
    expect(isActedOn('evt.node-heartbeat.v1')).toBe(true);
    expect(isActedOn('evt.node-registration-accepted.v1')).toBe(false);
    expect(isActedOn('dlq.v1')).toBe(false);
  });
});

describe('at rest', () => {
  const sound: Partial<Evidence> = {
    journal: { states: 2, entries: 9, problems: [] },
    partitions: 4,
    health: [{ replica: 'replica-1', status: 'healthy', text: '' }],
    logLines: 3,
  };

  it.each([
    [journalFolds, { journal: { states: 2, entries: 9, problems: ['another end'] } }, 'another end'],
    [groupsAtTheEnd, { lags: ['reducer: 3 behind'] }, 'reducer: 3 behind'],
    [
      replicasHealthy,
      { health: [{ replica: 'replica-1', status: 'degraded', text: '{}' }] },
      'replica-1 is degraded: {}',
    ],
    [noOutcry, { outcries: ['replica-2 ended by itself'] }, 'replica-2 ended by itself'],
  ])('$name', (invariant, broken, violation) => {
    const log = new HandMadeLog();
    expect(invariant.judge(log.evidence(sound)).violations).toEqual([]);
    expect(invariant.judge(log.evidence({ ...sound, ...broken })).violations).toEqual([violation]);
  });
});

describe('all invariants', () => {
  it('have a name of their own, and say what they looked at', () => {
    expect(new Set(INVARIANTS.map(({ name }) => name)).size).toBe(INVARIANTS.length);
    const judged = judgeAll(new HandMadeLog().registers('a', 'a1').evidence());
    expect(judged.map(({ name }) => name)).toEqual(INVARIANTS.map(({ name }) => name));
    expect(judged.find(({ name }) => name === 'once-per-attempt')).toMatchObject({ looked: 3, violations: [] });
  });
});
