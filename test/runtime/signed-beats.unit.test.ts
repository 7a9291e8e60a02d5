import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { encode, publicKeyOf, REGISTRY_SIGNER, signatureHeaders, signatureOf } from '../../src/messages/index.js';
import type { Authorship, WorkflowState } from '../../src/orchestrator/state.js';
import type { Sign } from '../../src/runtime/journal/extend-deadlines.js';
import { BeatSignatures } from '../../src/runtime/lanes/beat-signatures.js';
import { HeartbeatLane } from '../../src/runtime/lanes/heartbeat-lane.js';
import { IntrospectionRequests } from '../../src/runtime/lanes/introspection-requests.js';
import { LaneUnavailable, type LogRecord, type OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { Notary } from '../../src/runtime/signatures/notary.js';
import { Signatures } from '../../src/runtime/signatures/signatures.js';
import { at, deadlinePassed, heartbeat } from '../support/builders.js';
import { machineNamed, messageIn, REGISTRY_ID } from '../support/machines.js';
import { CONTEXT, orchestrate, TIMINGS, WORKFLOWS } from '../support/workflow.js';

const TOPIC = 'evt.node-heartbeat.v1';
const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const keys = { own: newKey(), other: newKey(), registry: newKey() };
const OWN = publicKeyOf(keys.own);
const WINDOW_S = TIMINGS.livenessWindowMs / 1000;

type Signer = keyof typeof keys | null;

/** Number `n` is appended n seconds from the start, and says that it is of `saidAt`. */
function beat(n: number, by: Signer, { nodeId = 'a', saidAt = n } = {}): LogRecord {
  const { appendedAt, ...message } = heartbeat(n);
  const said = { ...message, eventTimestamp: at(saidAt), payload: { ...message.payload, nodeId } };
  return recordOf(nodeId, encode(said), appendedAt, by);
}

function recordOf(nodeId: string, value: string, appendedAt: number, by: Signer): LogRecord {
  const signed = { topic: TOPIC, key: nodeId, value } as const;
  const headers = by === null ? {} : signatureHeaders(signatureOf(signed, keys[by], publicKeyOf(keys[by])));
  return {
    ...{ topic: TOPIC, topicName: TOPIC, partition: 0, offset: '0', headers, appendedAt },
    ...{ key: Buffer.from(nodeId), value: Buffer.from(value) },
  };
}

function marker(n: number, nodeId = 'a'): LogRecord {
  const { appendedAt, ...message } = deadlinePassed(n, 'liveness', at(n));
  return recordOf(nodeId, encode({ ...message, payload: { ...message.payload, nodeId } }), appendedAt, 'registry');
}

class Bench {
  readonly states = new Map<string, WorkflowState>();
  readonly order: string[] = [];
  readonly published: OutgoingRecord[] = [];
  readonly registry = new Registry();
  isAway = false;
  readonly lane: HeartbeatLane;

  constructor(mode: Authorship['mode']) {
    const metrics = new RuntimeMetrics(this.registry);
    const notary = () =>
      this.isAway ? Promise.reject(new Error('no key')) : Promise.resolve(new Notary(mode, keys.registry));
    this.lane = new HeartbeatLane({
      machine: machineNamed('orchestrator'),
      extend: (_, signs) => Promise.resolve(this.extend(signs)),
      decide: (records) => Promise.resolve(void this.order.push(`decide ${records.map(({ key }) => key).join(' ')}`)),
      publish: (records) => {
        this.published.push(...records);
        return Promise.resolve([]);
      },
      requests: new IntrospectionRequests(),
      metrics,
      signatures: new BeatSignatures({
        signatures: new Signatures({ notary, log: pino({ level: 'silent' }), metrics }),
        timings: () => Promise.resolve(TIMINGS),
        pinnedKeys: (nodeIds) =>
          Promise.resolve(
            new Map(
              nodeIds.flatMap((id) => (this.states.has(id) ? [[id, this.states.get(id)?.publicKey ?? null]] : [])),
            ),
          ),
        registryId: REGISTRY_ID,
        metrics,
      }),
    });
  }

  async counted(name: string): Promise<Record<string, number>> {
    const { values } = await this.registry.getSingleMetric(name)!.get();
    return Object.fromEntries(
      values
        .map(({ labels, value }) => [String(labels['outcome'] ?? labels['reason']), value])
        .filter(([, n]) => n !== 0),
    ) as Record<string, number>;
  }

  private extend(signs: readonly Sign[]) {
    this.order.push(
      `extend ${signs.map(({ nodeId, at: ms }) => `${nodeId}@${(ms - Date.parse(at(0))) / 1000}`).join(' ')}`,
    );
    return signs.flatMap(({ nodeId }) => {
      const state = this.states.get(nodeId);
      return state?.status === 'active' && state.livenessWindowMs !== null
        ? []
        : [{ nodeId, status: state?.status ?? null }];
    });
  }
}

const pinned = (state: WorkflowState): WorkflowState => ({ ...state, publicKey: OWN });
const STATES: Readonly<Record<string, WorkflowState | null>> = {
  unknown: null,
  active: pinned(WORKFLOWS.active),
  'active, without a key': WORKFLOWS.active,
  'the registry’s own': { ...WORKFLOWS.active, publicKey: REGISTRY_SIGNER },
  'without liveness': pinned(WORKFLOWS.activeWithoutLiveness),
  awaiting_ack: pinned(WORKFLOWS.awaitingAck),
  expired: pinned(WORKFLOWS.livenessExpired),
};
const CASES = Object.keys(STATES).flatMap((name) =>
  (['own', 'other', 'registry', null] as const).flatMap((by) =>
    [0, -WINDOW_S, -WINDOW_S - 1, WINDOW_S + 1].map((late) => [name, by, late] as const),
  ),
);

describe.each(['warn', 'required'] as const)('in mode %s, the lane says of a beat what its handler says', (mode) => {
  it.each(CASES)('%s, signed by %s, %s s from its append', async (name, by, late) => {
    const bench = new Bench(mode);
    const state = STATES[name] ?? null;
    if (state !== null) bench.states.set('a', state);
    await bench.lane.handle([beat(100, by, { saidAt: 100 + late })]);

    const signedBy = by === null ? null : by === 'registry' ? REGISTRY_SIGNER : publicKeyOf(keys[by]);
    const message = { ...heartbeat(100), eventTimestamp: at(100 + late) };
    const step = orchestrate(state, message, { ...CONTEXT, authorship: { mode, signedBy } });
    expect(await bench.counted('rollcall_heartbeats_total')).toEqual({ [step.ignored ?? 'extended']: 1 });
    const doubt = step.doubt ?? ['unsigned', 'wrong_key', 'stale'].find((reason) => reason === step.ignored);
    expect(await bench.counted('rollcall_doubted_messages_total')).toEqual(doubt === undefined ? {} : { [doubt]: 1 });
  });
});

describe('beats that are signed', () => {
  const required = (): Bench => {
    const bench = new Bench('required');
    for (const nodeId of ['a', 'b']) bench.states.set(nodeId, pinned(WORKFLOWS.active));
    return bench;
  };

  it('are not displaced by those that others send in the same moment', async () => {
    const bench = required();
    await bench.lane.handle([beat(1, 'own'), beat(2, 'other'), beat(3, null), beat(4, 'own', { nodeId: 'b' })]);
    expect(bench.order).toEqual(['extend a@1 b@4']);
    expect(await bench.counted('rollcall_heartbeats_total')).toEqual({ extended: 2, wrong_key: 1, unsigned: 1 });
  });

  it('are one a node, with the time of the last', async () => {
    const bench = required();
    await bench.lane.handle([beat(1, 'own'), beat(2, 'own'), beat(3, 'own')]);
    expect(bench.order).toEqual(['extend a@3']);
    expect(await bench.counted('rollcall_heartbeats_total')).toEqual({ extended: 1, coalesced: 2 });
  });

  it('keep their place before and behind markers, whoever else beats', async () => {
    const bench = required();
    await bench.lane.handle([
      beat(1, 'own'),
      beat(1, 'other'),
      marker(2),
      beat(3, 'own'),
      marker(4, 'b'),
      beat(5, 'other'),
    ]);
    expect(bench.order).toEqual(['extend a@1', 'decide b', 'decide a', 'extend a@3']);
  });

  it('are dead letters where the signature is of something else', async () => {
    const bench = required();
    const { headers } = beat(1, 'own');
    await bench.lane.handle([{ ...beat(2, null), headers }]);
    expect(bench.published.map((record) => messageIn(record))).toMatchObject([
      { eventType: 'DEAD_LETTER', payload: { cause: 'malformed', nodeId: 'a' } },
    ]);
    expect(await bench.counted('rollcall_doubted_messages_total')).toEqual({ broken: 1 });
  });

  it('are read in slices', async () => {
    const bench = required();
    await bench.lane.handle(Array.from({ length: 130 }, (_, n) => beat(n + 1, 'own')));
    expect(bench.order.at(-1)).toBe('extend a@130');
    expect(await bench.counted('rollcall_heartbeats_total')).toMatchObject({ extended: bench.order.length });
  });

  it('wait for the key of the registry', async () => {
    const bench = required();
    bench.isAway = true;
    const failure = bench.lane.handle([beat(1, 'own')]);
    await expect(failure).rejects.toBeInstanceOf(LaneUnavailable);
    bench.isAway = false;
    await bench.lane.handle([beat(1, 'own')]);
    expect(bench.order).toEqual(['extend a@1']);
  });
});
