import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Contract } from '../../src/runtime/contracts/contract.js';
import { parseContract } from '../../src/runtime/contracts/load-contract.js';

type Row = Record<string, string[]>;
type Route = { routing_key: string; handler: string; confirms?: string };

/** A contract as it is written, so that a test can spoil it: only the parts that some test spoils. */
export type ContractYaml = {
  consumes: { topic: string; messages: string[]; group: string }[];
  publishes: { topic: string; messages: string[] }[];
  handler_routing?: { routing_strategy: string; handlers: Route[] };
  state_machine?: {
    initial: string;
    states: string[];
    passed_through: string[];
    rules: Record<string, Record<string, unknown>>;
    table: Record<string, Row>;
  };
  timings: Record<string, unknown>;
  [key: string]: unknown;
};

/** contract.yaml as plain data, a new copy each time. */
export function yamlOf(component: Contract['name']): ContractYaml {
  return parse(readFileSync(`src/${component}/contract.yaml`, 'utf8')) as ContractYaml;
}

export function contractOf(component: Contract['name']): Contract {
  return parseContract(yamlOf(component), `src/${component}/contract.yaml`);
}
