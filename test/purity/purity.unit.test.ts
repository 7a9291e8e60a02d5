import { describe, expect, it, jest } from '@jest/globals';
import { contractOf } from '../support/contracts.js';
import { machineOf, pairsOf } from '../support/table.js';
import { tryInputs } from './inputs.js';
import { ORCHESTRATOR, REDUCER } from './machines.js';
import { PoisonedGlobals } from './poisoned-globals.js';

/** How many inputs are tried; `PURITY_INPUTS=1000000 npm test -- test/purity` is the whole gate. */
const INPUTS = Number(process.env['PURITY_INPUTS'] ?? 20_000);
const SEED = Number(process.env['PURITY_SEED'] ?? 20261121);

jest.setTimeout(30_000 + INPUTS);

const poison = new PoisonedGlobals();

describe('whatever its input, frozen and among poisoned globals', () => {
  it('the orchestrator answers it from nothing else, twice the same, and the same after storage', () => {
    const tried = tryInputs(poison, ORCHESTRATOR, { inputs: INPUTS / 2, seed: SEED });
    expectAllOf('orchestrator', tried);
  });

  it('the reducer answers it from nothing else, twice the same, and the same after storage', () => {
    const tried = tryInputs(poison, REDUCER, { inputs: INPUTS / 2, seed: SEED });
    expectAllOf('reducer', tried);
  });
});

/** All pairs of the table and all rules of the contract were among the inputs. */
function expectAllOf(name: 'orchestrator' | 'reducer', { inputs, rules, pairs }: ReturnType<typeof tryInputs>): void {
  const contract = contractOf(name);
  expect(inputs).toBeGreaterThanOrEqual(INPUTS / 2);
  expect([...pairs].sort()).toEqual(
    pairsOf(contract)
      .map((pair) => pair.join(' '))
      .sort(),
  );
  expect([...rules].sort()).toEqual(Object.keys(machineOf(contract).rules).sort());
}
