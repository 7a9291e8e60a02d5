/** Prints docs/state-machines.md: diagram and table of each machine, from its contract.yaml. With the name of one, its diagram alone. */
import { loadContract } from './load-contract.js';
import type { Contract, StateMachineContract } from './contract.js';

const MACHINES = ['orchestrator', 'reducer'] as const;

function diagram({ initial, table, rules }: StateMachineContract): string {
  const arrows = new Map<string, Set<string>>();
  for (const [from, row] of Object.entries(table)) {
    for (const name of new Set(Object.values(row).flat())) {
      const rule = rules[name];
      if (rule === undefined || rule.to.length === 0) continue;
      for (const to of rule.to.filter((state) => state !== from || rule.to.length === 1)) {
        const label = arrows.get(`${from} --> ${to}`) ?? new Set();
        arrows.set(
          `${from} --> ${to}`,
          label.add(rule.through.length > 0 ? `${name} (${rule.through.join(', ')})` : name),
        );
      }
    }
  }
  const lines = [...arrows].map(([arrow, names]) => `  ${arrow}: ${[...names].join(' / ')}`);
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${initial}`, ...lines, '```'].join('\n');
}

function rulesTable({ rules }: StateMachineContract): string {
  const rows = Object.entries(rules).map(([name, rule]) => {
    const to = rule.to.length === 0 ? 'same' : [...rule.through, rule.to.join(' or ')].join(' > ');
    const puts = rule.outputs.join(rule.outputs_are === 'some_of' ? ' and/or ' : ', ') || '-';
    return `| \`${name}\` | ${rule.about} | ${to} | ${puts} |`;
  });
  return ['| rule | when | to | outputs |', '|---|---|---|---|', ...rows].join('\n');
}

function pairsTable({ table, states }: StateMachineContract): string {
  const messages = Object.keys(table[states[0] ?? ''] ?? {});
  const rows = states.flatMap((state) =>
    messages.map((message) => `| ${state} | ${message} | ${(table[state]?.[message] ?? []).join(', ')} |`),
  );
  return ['| in state | message | one of |', '|---|---|---|', ...rows].join('\n');
}

/** Empty where there is nothing. */
function beforeTable({ before_table: before }: StateMachineContract): readonly string[] {
  const rows = Object.entries(before).map(([message, names]) => `| ${message} | ${names.join(', ')} |`);
  if (rows.length === 0) return [];
  return ['### Before the table, in every state', ['| message | one of |', '|---|---|', ...rows].join('\n')];
}

function section({ name, description, contract_version: version, state_machine: machine }: Contract): string {
  if (machine === undefined) throw new Error(`${name} has no state machine`);
  return [
    `## ${name}`,
    `${description} Contract version ${version}.`,
    diagram(machine),
    '### Rules',
    rulesTable(machine),
    ...beforeTable(machine),
    '### Every state with every message',
    pairsTable(machine),
  ].join('\n\n');
}

function diagramOf({ name, state_machine: machine }: Contract): string {
  if (machine === undefined) throw new Error(`${name} has no state machine`);
  return diagram(machine);
}

const contractOf = (name: string): Contract => loadContract(new URL(`../../${name}/contract.yaml`, import.meta.url));
const head =
  '# State machines\n\nGenerated from the `contract.yaml` of each component by `npm run generate`; do not edit.';
const [only] = process.argv.slice(2);
const parts =
  only === undefined ? [head, ...MACHINES.map((name) => section(contractOf(name)))] : [diagramOf(contractOf(only))];
process.stdout.write(`${parts.join('\n\n')}\n`);
