import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spread } from '../../src/runtime/kafka/spread.js';

const names = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 });
const partitions = fc.integer({ min: 0, max: 60 });
const byName = (count: number, of: readonly string[]) => spread(count, of).map((owner) => of[owner]);

it('gives every partition an owner, and none over one more than another', () => {
  fc.assert(
    fc.property(partitions, names, (count, of) => {
      const shares = new Map(of.map((name) => [name, 0]));
      for (const name of byName(count, of)) shares.set(name ?? 'nobody', (shares.get(name ?? 'nobody') ?? 0) + 1);
      expect([...shares.keys()]).toEqual(of);
      expect(Math.max(...shares.values()) - Math.min(...shares.values())).toBeLessThanOrEqual(1);
    }),
  );
});

it('does not depend on the order of the names', () => {
  fc.assert(
    fc.property(partitions, names, (count, of) => {
      expect(byName(count, [...of].reverse())).toEqual(byName(count, of));
    }),
  );
});

it('moves few partitions when one comes', () => {
  let moved = 0;
  let taken = 0;
  for (let trial = 0; trial < 200; trial++) {
    const of = Array.from({ length: 1 + (trial % 6) }, (_, index) => `process-${trial}-${index}`);
    const before = byName(24, of);
    const after = byName(24, [...of, `new-${trial}`]);
    moved += after.filter((owner, partition) => owner !== before[partition]).length;
    taken += after.filter((owner) => owner === `new-${trial}`).length;
  }
  expect(moved).toBeGreaterThanOrEqual(taken);
  expect(moved / taken).toBeLessThan(1.7);
});
