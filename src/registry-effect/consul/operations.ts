import type { NodeType } from '../../messages/index.js';
import type { IntentOf } from '../effect-handler.js';
import { checkEntry, nodeEntry, serviceEntry } from './entries.js';
import type { ConsulNames } from './service-names.js';

/** One operation of `/v1/txn` as JSON text: made once, measured, and sent as it is. */
export type Operation = string;

type Register = IntentOf<'consul.register'>;

/** No `ID`: Consul searches its whole catalog for each node that has one. */
export function setNode(node: string, registryId: string): Operation {
  return JSON.stringify({ Node: { Verb: 'set', Node: nodeEntry(node, registryId) } });
}

export function setService(names: ConsulNames, intent: Register, registryId: string): Operation {
  const service = serviceEntry(names, intent, registryId);
  return JSON.stringify({ Service: { Verb: 'set', Node: names.node, Service: service } });
}

export function setCheck(names: ConsulNames, intent: Register): Operation {
  return JSON.stringify({ Check: { Verb: 'set', Check: checkEntry(names, intent) } });
}

export function deleteService(names: ConsulNames, type: NodeType): Operation {
  return deleteEntry(names.node, names.serviceId(type), names.serviceName(type));
}

/** Takes the service's checks along. Consul wants the name beside the id, and is content when there is nothing to delete. */
export function deleteEntry(node: string, serviceId: string, serviceName: string): Operation {
  const service = { ID: serviceId, Service: serviceName };
  return JSON.stringify({ Service: { Verb: 'delete', Node: node, Service: service } });
}
