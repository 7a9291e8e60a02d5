import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build } from '../rollcall.js';
import { commands, deadLetters } from './commands.js';
import { calmFleet } from './fleets.js';
import { interruptedFleets } from './interrupted-fleets.js';
import { lifecycle } from './lifecycle.js';
import { SHORT_TIMES } from './lives.js';
import { HeldConnections } from './held-connections.js';
import type { MakePlace } from './place.js';
import { Registry } from './registry.js';

/** For fleets in which nobody beats, and nobody is to expire for it; nor to be accepted degraded, as a backend is late. */
export const LONG_TIMES = {
  LIVENESS_WINDOW_MS: '600000',
  ACK_TIMEOUT_MS: '600000',
  DEGRADED_ACCEPT_AFTER_MS: '600000',
};

/**
 * What a registry owes to whoever meets it by HTTP alone, wherever it keeps its log, its records and its catalog: the same functions
 * run over the embedded parts and over the real servers. `start` makes a place of its own for a registry.
 */
export function registrySuite(name: string, start: MakePlace): void {
  withRegistry(`${name}: fleets and commands`, start, LONG_TIMES, (registry) => {
    calmFleet(registry);
    commands(registry);
    interruptedFleets(registry);
    deadLetters(registry);
  });
  withRegistry(`${name}: the life of a node`, start, SHORT_TIMES, lifecycle);
}

/** A `describe` around a registry of its own, which ends with a clean stop and a journal that folds. */
function withRegistry(
  name: string,
  makePlace: MakePlace,
  overrides: Readonly<Record<string, string>>,
  cases: (registry: () => Registry) => void,
): void {
  describe(name, () => {
    jest.setTimeout(600_000);
    let registry: Registry;

    beforeAll(async () => {
      await build();
      registry = await Registry.start(makePlace, overrides);
    });

    afterAll(async () => {
      await registry?.clear();
    });

    cases(() => registry);

    it('stops cleanly whatever connections clients hold, and leaves a journal that folds to what is stored', async () => {
      const held = await HeldConnections.open(registry.url);
      const stopped = registry.stop();
      held.finish();
      expect(await stopped).toBe(0);
      expect(await held.answer).toMatch(/^HTTP\/1.1 202 /);
      const { entries, problems } = await registry.place.fold();
      expect(problems).toEqual([]);
      expect(entries).toBeGreaterThan(0);
    });
  });
}
