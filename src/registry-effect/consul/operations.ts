import type { NodeType } from '../../messages/index.js';
import type { IntentOf } from '../effect-handler.js';
import { serviceAddress } from './service-address.js';
import { checkId, type ConsulNames } from './service-names.js';

/** One operation of `/v1/txn` as JSON text: made once, measured, and sent as it is. */
export type Operation = string;

/**
 * Consul hands out a node's address for a service that has none. This one (TEST-NET-1, RFC 5737) is routed nowhere, so such a
 * service cannot be mistaken for a reachable one, and nobody's real host is called in its place.
 */
const UNREACHABLE_ADDRESS = '192.0.2.1';

type Register = IntentOf<'consul.register'>;

/** No `ID`: Consul searches its whole catalog for each node that has one. `external-*`: for consul-esm, which is to leave them alone. */
export function setNode(node: string, registryId: string): Operation {
  const meta = { 'external-node': 'true', 'external-probe': 'false', 'rollcall-owner': registryId };
  return JSON.stringify({ Node: { Verb: 'set', Node: { Node: node, Address: UNREACHABLE_ADDRESS, Meta: meta } } });
}

export function setService(names: ConsulNames, { record, revision }: Register, registryId: string): Operation {
  const { address, port } = serviceAddress(record.endpoints);
  return JSON.stringify({
    Service: {
      Verb: 'set',
      Node: names.node,
      Service: {
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
      },
    },
  });
}

export function setCheck(names: ConsulNames, { record, health }: Register): Operation {
  const serviceId = names.serviceId(record.nodeType);
  return JSON.stringify({
    Check: {
      Verb: 'set',
      Check: {
        Node: names.node,
        CheckID: checkId(serviceId),
        Name: 'Rollcall registration',
        ServiceID: serviceId,
        // Found by the id without it, but where Consul has ACLs it asks for the right to write this very name.
        ServiceName: names.serviceName(record.nodeType),
        Status: health,
        Output: health === 'critical' ? 'awaiting acknowledgement' : '',
      },
    },
  });
}

/** Takes the service's checks along. Consul wants the name beside the id, and is content when there is nothing to delete. */
export function deleteService(names: ConsulNames, type: NodeType): Operation {
  const service = { ID: names.serviceId(type), Service: names.serviceName(type) };
  return JSON.stringify({ Service: { Verb: 'delete', Node: names.node, Service: service } });
}
