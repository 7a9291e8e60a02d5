import { beforeAll, it } from '@jest/globals';

export type Scenario<C> = (context: C) => Promise<void>;

/**
 * Tests that run at the same time against one registry: all of them begin together, after what `beforeAll` did so far, and each
 * is judged by its own name.
 */
export function together<C>(context: () => C, scenarios: Readonly<Record<string, Scenario<C>>>): void {
  const running = new Map<string, Promise<void>>();
  beforeAll(() => {
    for (const [name, run] of Object.entries(scenarios)) {
      const ending = run(context());
      // Its test tells of it.
      ending.catch(() => undefined);
      running.set(name, ending);
    }
  });
  it.each(Object.keys(scenarios))('%s', async (name) => {
    await running.get(name);
  });
}
