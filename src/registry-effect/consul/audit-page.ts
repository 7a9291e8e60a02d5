import { NODE_TYPES } from '../../messages/index.js';
import { finding, revisionIn, type DesiredNode, type EntryName, type Finding } from '../drift/backend-audit.js';
import { bucketOf, nameOfEntry } from '../drift/buckets.js';
import { checkEntry, nodeEntry, serviceEntry } from './entries.js';
import { asRegistration, checkDifferences, nodeDifferences, serviceDifferences } from './entry-differences.js';
import { ownerOf, type FoundCheck, type FoundEntry, type FoundPage, type FoundService } from './found-entries.js';
import { consulNames, syntheticNode, type ConsulNames } from './service-names.js';

export type PageFindings = {
  readonly findings: readonly Finding[];
  /** Ours, but of nodes of other pages: judged there, where it is known what is desired of them. */
  readonly strays: readonly Stray[];
};

/** An entry of ours where no entry of its node belongs. */
export type Stray = FoundEntry & { readonly nodeId: string };

type Known = { readonly node: DesiredNode; readonly names: ConsulNames };

/**
 * Judges one synthetic node by what is desired of the page's nodes. An entry that stands in a desired one's place is that node's,
 * altered perhaps; any other is a ghost if it says that we own it, else foreign.
 */
export function auditPage(
  { node, services, checks }: FoundPage,
  {
    bucket,
    desired,
    registryId,
  }: { readonly bucket: number; readonly desired: readonly DesiredNode[]; readonly registryId: string },
): PageFindings {
  const consulNode = syntheticNode(registryId, bucket);
  const known = desired.map((one): Known => ({ node: one, names: consulNames(registryId, one.nodeId) }));
  const byPlace = new Map(known.flatMap((one) => placesOf(one).map((place) => [place, one] as const)));
  const nodeOf = (service: FoundService): Known | undefined => byPlace.get(service.ID.toLowerCase());
  const found = new Map(services.map((service) => [service.ID.toLowerCase(), service]));
  const checksById = new Map(checks.map((check) => [check.CheckID.toLowerCase(), check]));

  const findings: Finding[] = node === null ? [] : frameFindings(node, registryId);
  const expected = new Set<string>();
  const expectedChecks = new Set<string>();
  for (const one of known) {
    if (!one.node.settled || one.node.presence === 'absent') continue;
    const place = one.names.serviceId(one.node.record.nodeType).toLowerCase();
    expected.add(place);
    expectedChecks.add(`rollcall:${place}`);
    findings.push(...nodeFindings(one, found.get(place), checksById.get(`rollcall:${place}`), registryId));
  }
  const strays: Stray[] = [];
  for (const service of services) {
    if (expected.has(service.ID.toLowerCase())) continue;
    const owner = nodeOf(service);
    if (owner?.node.settled === false) continue;
    const nodeId = owner?.node.nodeId ?? nameOfEntry(service.Meta?.['node_id'], service.ID);
    const stray = { consulNode, service, nodeId };
    if (ownerOf(service) !== registryId) findings.push(foreignService(stray));
    else if (owner === undefined && bucketOf(nodeId) !== bucket) strays.push(stray);
    else findings.push(...strayFindings(stray, owner?.node ?? desired.find((one) => one.nodeId === nodeId)));
  }
  findings.push(...foreignChecks(checks, expected, expectedChecks));
  return { findings, strays };
}

/** An entry of ours that is not where anything of its node belongs; nothing while the node is not settled. */
export function strayFindings(stray: Stray, desired: DesiredNode | undefined): readonly Finding[] {
  if (desired?.settled === false) return [];
  const { nodeId, service } = stray;
  const foundRevision = revisionIn(service.Meta?.['revision']);
  const revision = desired?.revision ?? null;
  return [finding(nodeId, 'ghost', { revision, foundRevision, entry: entryName(stray) })];
}

/** Under every type: an entry of a former one is the node's, too. */
function placesOf({ names }: Known): string[] {
  return NODE_TYPES.map((type) => names.serviceId(type).toLowerCase());
}

function nodeFindings(
  { node, names }: Known,
  service: FoundService | undefined,
  check: FoundCheck | undefined,
  registryId: string,
): readonly Finding[] {
  const { nodeId, revision } = node;
  if (service === undefined) return [finding(nodeId, 'missing', { revision, differences: ['service', 'check'] })];
  const registration = asRegistration(node);
  const differences = serviceDifferences(serviceEntry(names, registration, registryId), service, node);
  const foundRevision = revisionIn(service.Meta?.['revision']);
  const whole = { revision, foundRevision };
  if (check === undefined) return [finding(nodeId, 'missing', { ...whole, differences: ['check', ...differences] })];
  differences.push(...checkDifferences(checkEntry(names, registration), check));
  return differences.length === 0 ? [] : [finding(nodeId, 'altered', { ...whole, differences })];
}

/**
 * The synthetic node itself is no registered node's, so no intent can mend it. Whoever deletes it gets it back as it should be, as its
 * services are missing then.
 */
function frameFindings(node: NonNullable<FoundPage['node']>, registryId: string): Finding[] {
  const differences = nodeDifferences(nodeEntry(node.Node, registryId), node);
  return differences.length === 0 ? [] : [finding(nameOfEntry(undefined, node.Node), 'foreign', { differences })];
}

function foreignService(entry: Stray): Finding {
  return finding(entry.nodeId, 'foreign', { entry: entryName(entry) });
}

/** Somebody else's checks on the node itself or on a service of ours; those of other services go with their services. */
function foreignChecks(
  checks: readonly FoundCheck[],
  expected: ReadonlySet<string>,
  expectedChecks: ReadonlySet<string>,
): readonly Finding[] {
  return checks
    .filter(({ CheckID, ServiceID }) => !expectedChecks.has(CheckID.toLowerCase()) && isOurs(ServiceID, expected))
    .map(({ CheckID }) => finding(nameOfEntry(undefined, CheckID), 'foreign', { differences: ['check'] }));
}

function isOurs(serviceId: string, expected: ReadonlySet<string>): boolean {
  return serviceId === '' || expected.has(serviceId.toLowerCase());
}

function entryName({ consulNode, service }: FoundEntry): EntryName {
  return { consulNode, serviceId: service.ID, serviceName: service.Service };
}
