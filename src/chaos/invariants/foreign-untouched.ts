import type { Invariant } from './invariant.js';

/** The registry mends what is its own; what stands among it and is somebody else's is none of its business. */
export const foreignUntouched: Invariant = {
  name: 'foreign-untouched',
  means: 'entries of others among those of the registry are as they were put there',
  judge: ({ foreign }) => ({
    looked: foreign.length,
    at: 'foreign entries',
    violations: foreign
      .filter(({ planted, found }) => planted !== found)
      .map(({ name, in: where, planted, found }) => `${name} in ${where} was ${planted}, is ${found ?? 'gone'}`),
  }),
};
