import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../src/reducer/reducer.module.js';
import { ComponentRegistry } from '../../src/runtime/component-registry.js';
import { Lanes, type Group } from '../../src/runtime/lanes/create-lanes.js';
import type { EffectHandler } from '../../src/runtime/lanes/effect.js';
import type { Lane } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { introspection } from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { LocalLog } from '../support/local-log.js';
import { recordOf, REGISTRY_ID, Storage } from '../support/machines.js';
import { TIMINGS } from '../support/workflow.js';

const ALL: readonly Group[] = ['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres'];
const INITIATED = 'evt.node-registration-initiated.v1';

/** The lanes of a process that takes part in the groups, over tables in memory. */
function processOf(groups: readonly Group[]) {
  const storage = new Storage();
  const standing = new LocalLog();
  const asked: string[] = [];
  const apply: EffectHandler['apply'] = (intents) => {
    asked.push(...intents.map(({ intent }) => intent.intentType));
    return Promise.resolve(intents.map(() => ({ ok: true })));
  };
  const components = new ComponentRegistry();
  components.registerMachine(orchestratorComponent());
  components.registerMachine(reducerComponent());
  const contract = contractOf('registry-effect');
  const handlers = contract.handler_routing.handlers.map(({ handler: id }) => ({ id, apply }));
  components.registerEffect({ contract, handlers });
  const { machines, effects } = components.boot();
  const transactions: number[] = [];
  const lanes = new Lanes(
    {
      registryId: REGISTRY_ID,
      store: {
        transact: (_wanted, decide) => {
          const decided = decide(storage.load());
          storage.keep(decided);
          transactions.push(decided.entries.length);
          return Promise.resolve(decided);
        },
        countNodes: () => Promise.resolve(0),
        desiredRevisions: () => Promise.resolve(new Map()),
        extendDeadlines: () => Promise.resolve([]),
        pinnedKeys: () => Promise.resolve(new Map()),
        startDeadlines: () => Promise.resolve(),
        countLive: () => Promise.resolve(0),
      },
      publish: (records) => Promise.resolve(standing.append(records)),
      delivery: standing.delivery,
      timings: () => Promise.resolve(TIMINGS),
      decided: () => undefined,
      log: pino({ level: 'silent' }),
      metrics: new RuntimeMetrics(new Registry()),
    },
    groups,
  );
  const all = [...machines.flatMap((one) => lanes.ofMachine(one)), ...effects.flatMap((one) => lanes.ofEffect(one))];
  const laneOf = (group: Group): Lane => all.find((lane) => lane.group === group)!;
  return { all, laneOf, standing, storage, transactions, asked };
}

describe('the lanes of a process', () => {
  it('are one for each group that it takes part in, with the topics of the contract', () => {
    const { all } = processOf(ALL);
    expect(all.map(({ group }) => group).sort()).toEqual([...ALL].sort());
    const consumed = (['orchestrator', 'reducer', 'registry-effect'] as const).flatMap(
      (name) => contractOf(name).consumes,
    );
    for (const { group, topics } of all) {
      expect(topics).toEqual(consumed.filter((entry) => entry.group === group).map(({ topic }) => topic));
    }
    expect(processOf(['reducer', 'consul']).all.map(({ group }) => group)).toEqual(['reducer', 'consul']);
  });

  it('lead a node from its introspection to the acceptance without a way through the log, and each message is published once', async () => {
    const { laneOf, standing, storage, asked } = processOf(ALL);
    await laneOf('orchestrator').handle([recordOf(introspection(1))]);
    await laneOf('consul').handle(standing.read('intent.consul.v1'));
    await laneOf('postgres').handle(standing.read('intent.postgres.v1'));
    await laneOf('reducer').handle(standing.read('evt.registry-effect-result.v1'));
    await laneOf('orchestrator').handle(standing.read('evt.registration-progress.v1'));
    expect(storage.journal.map(({ machine, rule }) => `${machine} ${rule}`)).toEqual([
      'orchestrator begin_attempt',
      'reducer desire_record',
      'reducer report_confirmation',
      'orchestrator await_other_backend',
      'reducer report_confirmation',
      'orchestrator accept',
    ]);
    expect(asked).toEqual(['consul.register', 'postgres.upsert_registration']);
    const ids = standing.records.map(({ value }) => (JSON.parse(String(value)) as { event_id: string }).event_id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('pass over the copy of what was taken before, and take what another process has published', async () => {
    const { laneOf, standing, transactions } = processOf(['orchestrator', 'reducer']);
    await laneOf('orchestrator').handle([recordOf(introspection(1))]);
    await laneOf('reducer').handle(standing.read(INITIATED));
    expect(transactions).toEqual([2]);
    const elsewhere = processOf(['orchestrator']);
    await elsewhere.laneOf('orchestrator').handle([recordOf(introspection(2, { nodeId: 'node-2' }))]);
    standing.append(
      elsewhere.standing.records.map(({ topic, key, value }) => ({ topic, key, value: value!, headers: {} })),
    );
    await laneOf('reducer').handle(standing.read(INITIATED));
    expect(transactions).toEqual([2, 1]);
  });

  it('leave to the log what only another process of the fleet takes', async () => {
    const { laneOf, storage } = processOf(['orchestrator']);
    await laneOf('orchestrator').handle([recordOf(introspection(1))]);
    expect(storage.journal.map(({ machine }) => machine)).toEqual(['orchestrator']);
  });
});
