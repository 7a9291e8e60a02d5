import { describe, expect, it } from '@jest/globals';
import { consulDamage, ELSEWHERE } from '../../src/chaos/damage/consul-damage.js';
import type { OwnService } from '../../src/chaos/damage/own-catalog.js';
import { driftLeft, type DriftStatus } from '../../src/chaos/gather/drift.js';
import { createRandom } from '../../src/chaos/random.js';

const RESTING_SINCE = Date.parse('2026-11-21T12:00:00.000Z');

const audited = (backend: string, rest: Partial<DriftStatus> = {}): DriftStatus => ({
  backend,
  status: 'clean',
  startedAt: '2026-11-21T12:00:00.000Z',
  counts: { missing: 0, altered: 0, ghost: 0, foreign: 3 },
  cutOff: null,
  held: [],
  ...rest,
});

describe('drift that is left', () => {
  it('is none where audits that began since all is at rest found none of ours', () => {
    expect(driftLeft([audited('consul'), audited('postgres')], RESTING_SINCE)).toEqual([]);
  });

  it.each<[string, Partial<DriftStatus>]>([
    [
      'consul is drifting: 1 missing, 2 altered, 0 ghosts, 3 held: settling',
      {
        status: 'drifting',
        counts: { missing: 1, altered: 2, ghost: 0, foreign: 0 },
        held: [{ reason: 'settling', entries: 3 }],
      },
    ],
    ['consul is incomplete: no connection', { status: 'incomplete', cutOff: 'no connection' }],
    ['consul has not been audited since it came to rest', { startedAt: '2026-11-21T11:59:59.999Z' }],
  ])('%s', (left, rest) => {
    expect(driftLeft([audited('consul', rest), audited('postgres')], RESTING_SINCE)).toEqual([left]);
  });

  it('is not known before the first audit', () => {
    expect(driftLeft([audited('postgres')], RESTING_SINCE)).toEqual(['consul has never been audited']);
  });
});

describe('damage in Consul', () => {
  const services: readonly OwnService[] = Array.from({ length: 40 }, (_, index) => ({
    Node: `chaos-${index % 8}`,
    ServiceID: `onex-effect-${index}`,
    ServiceName: 'onex-effect',
    ServiceTags: ['onex'],
    ServiceAddress: 'host',
    ServicePort: 80,
    ServiceMeta: { node_id: String(index), revision: '7', owner: 'chaos' },
  }));
  const damage = (seed: number, serial = 1) => consulDamage(services, createRandom(seed), serial, 'chaos');

  it('follows from the seed', () => {
    expect(damage(1)).toEqual(damage(1));
    expect(damage(1)).not.toEqual(damage(2));
  });

  it('fits into one transaction, and is less than an operator would have to decide', () => {
    expect(damage(1).operations.length).toBeLessThan(50);
    expect(consulDamage([], createRandom(1), 1, 'chaos').operations.length).toBeGreaterThan(0);
  });

  it('gives nothing a revision above that of its entry', () => {
    const revisions = JSON.stringify(damage(1).operations).match(/"revision":"\d+"/g) ?? [];
    expect(new Set(revisions)).toEqual(new Set(['"revision":"1"', '"revision":"7"']));
  });

  it('puts foreign entries among ours and elsewhere, new ones each time', () => {
    const [here, elsewhere] = damage(1).foreign;
    expect(here?.consulNode).toMatch(/^chaos-/);
    expect(elsewhere?.consulNode).toBe(ELSEWHERE);
    const ids = [...damage(1, 1).foreign, ...damage(1, 2).foreign].map(({ serviceId }) => serviceId);
    expect(new Set(ids).size).toBe(4);
  });
});
