import type { Random } from '../random.js';
import type { Operation, OwnService } from './own-catalog.js';

/** No node of the registry's own. */
export const ELSEWHERE = 'somebody-elses-node';
const ELSEWHERE_ADDRESS = '192.0.2.2';

/** A service that somebody else has put there. */
export type ForeignService = { readonly consulNode: string; readonly serviceId: string };

export type ConsulDamage = {
  readonly operations: readonly Operation[];
  readonly foreign: readonly ForeignService[];
  /** For people. */
  readonly text: string;
};

/**
 * What careless hands do to a few of the registry's services: far fewer than those that repair would leave to an operator, and none with
 * a revision above what is desired, for the same reason. `serial` tells this damage from others.
 */
export function consulDamage(
  services: readonly OwnService[],
  random: Random,
  serial: number,
  registryId: string,
): ConsulDamage {
  const left = random.shuffled(services);
  const deleted = left.splice(0, 3);
  const altered = left.splice(0, 2);
  const outdated = left.splice(0, 2);
  const critical = left.splice(0, 2);
  const unchecked = left.splice(0, 1);
  const doubled = left.splice(0, 1);
  const host = services[0]?.Node ?? ELSEWHERE;
  const ghosts = [host, ELSEWHERE].map((node, index) => ghostOn(node, `ghost-${serial}${'ab'[index]}`, registryId));
  const foreign: readonly ForeignService[] = [
    { consulNode: host, serviceId: `guest-${serial}` },
    { consulNode: ELSEWHERE, serviceId: `onex-effect-neighbour-${serial}` },
  ];
  const operations = [
    { Node: { Verb: 'set', Node: { Node: ELSEWHERE, Address: ELSEWHERE_ADDRESS } } },
    ...deleted.map(deletion),
    ...altered.map((one) => set(one, { Port: one.ServicePort + 1, Tags: ['altered'] })),
    ...outdated.map((one) => set(one, { Meta: { ...one.ServiceMeta, revision: '1' } })),
    ...critical.map((one) => check('set', one, { Name: 'altered', Status: 'critical', Output: 'altered' })),
    ...unchecked.map((one) => check('delete', one, {})),
    ...doubled.map((one) => set({ ...one, Node: ELSEWHERE }, {})),
    ...ghosts,
    ...foreign.map(foreignOperation),
  ];
  const text =
    `${deleted.length + unchecked.length} deleted, ${altered.length + outdated.length + critical.length} altered, ` +
    `${ghosts.length + doubled.length} ghosts and ${foreign.length} foreign`;
  return { operations, foreign, text };
}

function deletion({ Node, ServiceID, ServiceName }: OwnService): Operation {
  return { Service: { Verb: 'delete', Node, Service: { ID: ServiceID, Service: ServiceName } } };
}

function set(one: OwnService, changes: Readonly<Record<string, unknown>>): Operation {
  const { Node, ServiceID, ServiceName, ServiceTags, ServiceAddress, ServicePort, ServiceMeta } = one;
  const asItIs = { Tags: ServiceTags, Address: ServiceAddress, Port: ServicePort, Meta: ServiceMeta };
  return { Service: { Verb: 'set', Node, Service: { ID: ServiceID, Service: ServiceName, ...asItIs, ...changes } } };
}

function check(verb: 'set' | 'delete', { Node, ServiceID }: OwnService, fields: object): Operation {
  return { Check: { Verb: verb, Check: { Node, CheckID: `rollcall:${ServiceID}`, ServiceID, ...fields } } };
}

/** Says that it is the registry's, of a node that never was. */
function ghostOn(node: string, nodeId: string, registryId: string): Operation {
  const Meta = { node_id: nodeId, node_version: '1.0.0', revision: '1', owner: registryId };
  const Service = { ID: `onex-effect-${nodeId}`, Service: 'onex-effect', Tags: ['onex'], Port: 1, Meta };
  return { Service: { Verb: 'set', Node: node, Service } };
}

/** Of a name of its own among the registry's, or of the registry's name elsewhere: it says whose it is, or nothing. */
function foreignOperation({ consulNode, serviceId }: ForeignService): Operation {
  const Service =
    consulNode === ELSEWHERE && serviceId.startsWith('onex-')
      ? { ID: serviceId, Service: 'onex-effect', Meta: { owner: 'another-registry', node_id: serviceId } }
      : { ID: serviceId, Service: 'guest' };
  return { Service: { Verb: 'set', Node: consulNode, Service } };
}
