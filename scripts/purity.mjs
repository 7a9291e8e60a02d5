/**
 * `node scripts/purity.mjs [INPUTS [SEED]]`: sends a million generated inputs, or so many, through the orchestrator and the reducer,
 * frozen and among poisoned globals (test/purity). `npm test` does the same with fewer.
 */
import { runTests } from './run-tests.mjs';

const [inputs = '1000000', seed] = process.argv.slice(2);
const wrong = [inputs, seed].find((number) => number !== undefined && !/^[1-9]\d*$/.test(number));
if (wrong !== undefined) {
  console.error(`"${wrong}" is no number of inputs and no seed: node scripts/purity.mjs [INPUTS [SEED]]`);
  process.exit(2);
}
const environment = { PURITY_INPUTS: inputs, ...(seed === undefined ? {} : { PURITY_SEED: seed }) };
process.exitCode = runTests('test/purity/purity.unit.test.ts', environment);
