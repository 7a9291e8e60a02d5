import type { CatalogNode } from '../read/catalog.js';
import type { Instance } from '../read/catalog-row.js';

/** What Consul itself puts into an answer, whatever was registered. Field by field as Consul 1.8 has it. */
export const DATACENTER = 'dc1';
const WEIGHTS = { Passing: 1, Warning: 1 } as const;
const PROXY = { MeshGateway: {}, Expose: {} } as const;

/** An item of `/v1/catalog/service/{name}`. */
export function catalogService(instance: Instance) {
  return {
    ID: '',
    Node: instance.node,
    Address: instance.nodeAddress,
    Datacenter: DATACENTER,
    TaggedAddresses: null,
    NodeMeta: sorted(instance.nodeMeta),
    ServiceKind: '',
    ServiceID: instance.serviceId,
    ServiceName: instance.serviceName,
    ServiceTags: instance.tags,
    ServiceAddress: instance.address,
    ServiceWeights: WEIGHTS,
    ServiceMeta: sorted(instance.meta),
    ServicePort: instance.port,
    ServiceEnableTagOverride: false,
    ServiceProxy: PROXY,
    ServiceConnect: {},
    CreateIndex: instance.createIndex,
    ModifyIndex: instance.modifyIndex,
  };
}

/** An item of `/v1/health/service/{name}`. */
export function serviceHealth(instance: Instance) {
  const { node, nodeAddress: address, nodeMeta: meta, nodeIndex: createIndex } = instance;
  return {
    Node: catalogNode({ node, address, meta, createIndex }),
    Service: {
      ID: instance.serviceId,
      Service: instance.serviceName,
      Tags: instance.tags,
      Address: instance.address,
      Meta: sorted(instance.meta),
      Port: instance.port,
      Weights: WEIGHTS,
      EnableTagOverride: false,
      Proxy: PROXY,
      Connect: {},
      CreateIndex: instance.createIndex,
      ModifyIndex: instance.modifyIndex,
    },
    Checks: [
      {
        Node: instance.node,
        CheckID: instance.checkId,
        Name: instance.checkName,
        Status: instance.checkStatus,
        Notes: '',
        Output: instance.checkOutput,
        ServiceID: instance.serviceId,
        ServiceName: instance.serviceName,
        ServiceTags: instance.tags,
        Type: '',
        Definition: {},
        CreateIndex: instance.createIndex,
        ModifyIndex: instance.checkModifyIndex,
      },
    ],
  };
}

/** An item of `/v1/catalog/nodes`. */
export function catalogNode({ node, address, meta, createIndex }: CatalogNode) {
  return {
    ID: '',
    Node: node,
    Address: address,
    Datacenter: DATACENTER,
    TaggedAddresses: null,
    Meta: sorted(meta),
    CreateIndex: createIndex,
    ModifyIndex: createIndex,
  };
}

/** Maps of Go come out in the order of their keys, and PostgreSQL has another. */
function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}
