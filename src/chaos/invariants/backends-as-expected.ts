import type { Evidence, ExpectedNode } from '../evidence.js';
import type { Invariant } from './invariant.js';
import { grouped, recordsOf } from './select.js';

/** The point of all of it: who should be found is found, as it last described itself, and nobody else is. */
export const backendsAsExpected: Invariant = {
  name: 'backends-as-expected',
  means:
    'nodes that acted properly are active, passing in Consul, active in node_registrations, at one revision and as they last ' +
    'described themselves; those that left or died are gone from both; nobody else is there',
  judge: (evidence) => {
    const { expected, consul, registrations, foreign } = evidence;
    const known = new Set(expected.map(({ nodeId }) => nodeId));
    const foreignRows = new Set(foreign.filter((one) => one.in === 'postgres').map(({ name }) => name));
    const strangers = [...consul, ...registrations.filter(({ nodeId }) => !foreignRows.has(nodeId))].filter(
      ({ nodeId }) => !known.has(nodeId),
    );
    const find = finder(evidence);
    const violations = [
      ...expected.flatMap((node) => faultsOf(node, find).map((fault) => `${node.nodeId}: ${fault}`)),
      ...strangers.map(({ nodeId }) => `${nodeId} stands in a backend, and was never a node of the fleet`),
    ];
    const active = expected.filter(({ presence }) => presence === 'active').length;
    return { looked: expected.length, at: `nodes, ${active} of them to be active`, violations };
  },
};

type Found = {
  readonly entries: Evidence['consul'];
  readonly row: Evidence['registrations'][number] | undefined;
  readonly workflow: Evidence['workflows'][number] | undefined;
  /** Revisions that differ from the one before in nothing but health: Consul's service keeps the number that it has. */
  readonly onlyHealth: ReadonlySet<number>;
};

function finder({ consul, registrations, workflows, records }: Evidence): (nodeId: string) => Found {
  const entries = grouped(consul, ({ nodeId }) => nodeId);
  const rows = new Map(registrations.map((row) => [row.nodeId, row]));
  const states = new Map(workflows.map((workflow) => [workflow.nodeId, workflow]));
  const onlyHealth = onlyHealthRevisions(records);
  return (nodeId) => ({
    onlyHealth: onlyHealth.get(nodeId) ?? new Set(),
    entries: entries.get(nodeId) ?? [],
    row: rows.get(nodeId),
    workflow: states.get(nodeId),
  });
}

function onlyHealthRevisions(records: Evidence['records']): ReadonlyMap<string, ReadonlySet<number>> {
  const revisions = new Map<string, Set<number>>();
  for (const { message } of recordsOf(records, 'CONSUL_INTENT')) {
    const intent = message.payload.intent.payload;
    if (intent.intentType !== 'consul.register' || !intent.onlyHealth) continue;
    revisions.set(intent.nodeId, (revisions.get(intent.nodeId) ?? new Set()).add(intent.revision));
  }
  return revisions;
}

function faultsOf(node: ExpectedNode, find: (nodeId: string) => Found): string[] {
  const found = find(node.nodeId);
  return node.presence === 'active' ? faultsOfActive(node, found) : faultsOfGone(found);
}

function faultsOfActive(node: ExpectedNode, { entries, row, workflow, onlyHealth }: Found): string[] {
  const [entry] = entries;
  const faults: string[] = [];
  if (workflow?.status !== 'active') faults.push(`its workflow is ${workflow?.status ?? 'unknown'}, expected active`);
  if (workflow?.backends !== 'complete') faults.push(`its reducer is ${workflow?.backends ?? 'unknown'}`);
  if (entry === undefined) faults.push('it is not in Consul');
  if (entries.length > 1) faults.push(`it is in Consul ${entries.length} times`);
  if (entry !== undefined && entry.status !== 'passing') faults.push(`it is ${entry.status} in Consul`);
  if (row === undefined) return [...faults, 'it is not in node_registrations'];
  if (row.state !== 'active') faults.push(`it is ${row.state} in node_registrations`);
  if (row.revision !== workflow?.revision) {
    faults.push(`its revision in node_registrations is ${row.revision}, desired is ${workflow?.revision}`);
  }
  if (entry !== undefined && !stands(entry.revision, row.revision, onlyHealth)) {
    faults.push(`its revision in Consul is ${entry.revision}, in node_registrations ${row.revision}`);
  }
  if (row.incarnation !== node.incarnation || row.edition !== node.edition) {
    faults.push(
      `its record is of incarnation ${row.incarnation}, edition ${row.edition}; it said ${node.incarnation}, ${node.edition}`,
    );
  }
  return faults;
}

/** Whether what Consul holds under one revision is what another one wants. */
function stands(held: number, wanted: number, onlyHealth: ReadonlySet<number>): boolean {
  for (let revision = held + 1; revision <= wanted; revision += 1) if (!onlyHealth.has(revision)) return false;
  return held <= wanted;
}

function faultsOfGone({ entries, row, workflow }: Found): string[] {
  return [
    ...entries.map(({ serviceId, status }) => `it is gone, and still in Consul: ${serviceId}, ${status}`),
    ...(row === undefined || row.state === 'deregistered'
      ? []
      : [`it is gone, and still ${row.state} in node_registrations; its workflow is ${workflow?.status ?? 'unknown'}`]),
  ];
}
