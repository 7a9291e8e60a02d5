import type { IntentOf } from '../effect-handler.js';
import { serviceAddress } from './service-address.js';
import { checkId, type ConsulNames } from './service-names.js';

/**
 * Consul hands out a node's address for a service that has none. This one (TEST-NET-1, RFC 5737) is routed nowhere, so such a
 * service cannot be mistaken for a reachable one, and nobody's real host is called in its place.
 */
const UNREACHABLE_ADDRESS = '192.0.2.1';

type Register = IntentOf<'consul.register'>;

/** A synthetic node. `external-*`: for consul-esm, which is to leave it alone. */
export function nodeEntry(node: string, registryId: string) {
  return {
    Node: node,
    Address: UNREACHABLE_ADDRESS,
    Meta: { 'external-node': 'true', 'external-probe': 'false', 'rollcall-owner': registryId },
  };
}

/** The service that a registered node is found by. */
export function serviceEntry(names: ConsulNames, { record, revision }: Register, registryId: string) {
  const { address, port } = serviceAddress(record.endpoints);
  return {
    ID: names.serviceId(record.nodeType),
    Service: names.serviceName(record.nodeType),
    Tags: ['onex', `node_type:${record.nodeType}`, ...record.capabilityTags.map((tag) => `cap:${tag}`)],
    Address: address,
    Port: port,
    Meta: {
      node_id: record.nodeId,
      node_version: record.nodeVersion,
      revision: String(revision),
      owner: registryId,
    },
  };
}

/** The one check on it: whether the node has said that it is ready. */
export function checkEntry(names: ConsulNames, { record, health }: Register) {
  const serviceId = names.serviceId(record.nodeType);
  return {
    Node: names.node,
    CheckID: checkId(serviceId),
    Name: 'Rollcall registration',
    ServiceID: serviceId,
    // Found by the id without it, but where Consul has ACLs it asks for the right to write this very name.
    ServiceName: names.serviceName(record.nodeType),
    Status: health,
    Output: health === 'critical' ? 'awaiting acknowledgement' : '',
  };
}
