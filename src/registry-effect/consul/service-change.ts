import type { ConsulIntent } from '../../messages/index.js';
import type { Size } from '../resilience/pack.js';
import { deleteEntry, deleteService, setCheck, setService, type Operation } from './operations.js';
import { consulNames } from './service-names.js';

/** What one intent changes in Consul. Its operations stay in one transaction. */
export type ServiceChange = {
  readonly node: string;
  readonly operations: readonly Operation[];
  /** The change with its service, for one that relies on the service being there. */
  readonly whole: (() => ServiceChange) | null;
};

export function serviceChange(intent: ConsulIntent, registryId: string): ServiceChange {
  if (intent.intentType === 'consul.remove_service') {
    const { consulNode, serviceId, serviceName } = intent;
    return { node: consulNode, operations: [deleteEntry(consulNode, serviceId, serviceName)], whole: null };
  }
  const names = consulNames(registryId, intent.nodeId);
  if (intent.intentType === 'consul.deregister') {
    return { node: names.node, operations: intent.nodeTypes.map((type) => deleteService(names, type)), whole: null };
  }
  const { nodeType } = intent.record;
  const check = setCheck(names, intent);
  const others = intent.otherNodeTypes.filter((type) => type !== nodeType).map((type) => deleteService(names, type));
  const whole = (): ServiceChange => ({
    node: names.node,
    operations: [setService(names, intent, registryId), check, ...others],
    whole: null,
  });
  return intent.onlyHealth ? { node: names.node, operations: [check, ...others], whole } : whole();
}

/** What it takes up in a transaction; one byte an operation for the comma. */
export function changeSize({ operations }: ServiceChange): Size {
  return {
    count: operations.length,
    bytes: operations.reduce((sum, operation) => sum + Buffer.byteLength(operation) + 1, 0),
  };
}
