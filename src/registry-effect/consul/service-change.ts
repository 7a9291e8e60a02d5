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
  /** Its check without its service: where Consul refuses that, health is still told of the one that stands there. */
  readonly health: Operation | null;
};

export function serviceChange(intent: ConsulIntent, registryId: string): ServiceChange {
  if (intent.intentType === 'consul.remove_service') {
    const { consulNode, serviceId, serviceName } = intent;
    return change(consulNode, [deleteEntry(consulNode, serviceId, serviceName)]);
  }
  const names = consulNames(registryId, intent.nodeId);
  if (intent.intentType === 'consul.deregister') {
    return change(
      names.node,
      intent.nodeTypes.map((type) => deleteService(names, type)),
    );
  }
  const { nodeType } = intent.record;
  const check = setCheck(names, intent);
  const others = intent.otherNodeTypes.filter((type) => type !== nodeType).map((type) => deleteService(names, type));
  const whole = (): ServiceChange => ({
    ...change(names.node, [setService(names, intent, registryId), check, ...others]),
    health: check,
  });
  return intent.onlyHealth ? { ...change(names.node, [check, ...others]), whole } : whole();
}

/** The check of a whole change by itself. */
export function healthAlone({ node, health }: ServiceChange): ServiceChange | null {
  return health === null ? null : change(node, [health]);
}

function change(node: string, operations: readonly Operation[]): ServiceChange {
  return { node, operations, whole: null, health: null };
}

/** What it takes up in a transaction; one byte an operation for the comma. */
export function changeSize({ operations }: ServiceChange): Size {
  return {
    count: operations.length,
    bytes: operations.reduce((sum, operation) => sum + Buffer.byteLength(operation) + 1, 0),
  };
}
