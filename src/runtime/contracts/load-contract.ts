import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { contractSchema, type Contract } from './contract.js';
import { ContractError } from './contract-error.js';

/** Reads the contract.yaml that lies beside the component's code. Throws {@link ContractError} naming every mistake in it. */
export function loadContract(file: URL): Contract {
  const path = fileURLToPath(file);
  let yaml: unknown;
  try {
    yaml = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ContractError([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
  return parseContract(yaml, path);
}

export function parseContract(yaml: unknown, path: string): Contract {
  const parsed = contractSchema.safeParse(yaml);
  if (parsed.success) return parsed.data;
  throw new ContractError(
    parsed.error.issues.map((issue) => `${path}: ${issue.path.join('.') || '(root)'}: ${issue.message}`),
  );
}
