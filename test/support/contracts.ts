import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Contract } from '../../src/runtime/contracts/contract.js';
import { parseContract } from '../../src/runtime/contracts/load-contract.js';

/** contract.yaml as plain data, a new copy each time, so that a test can spoil it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what comes out of YAML, to be spoiled at will
export function yamlOf(component: Contract['name']): any {
  return parse(readFileSync(`src/${component}/contract.yaml`, 'utf8'));
}

export function contractOf(component: Contract['name']): Contract {
  return parseContract(yamlOf(component), `src/${component}/contract.yaml`);
}
