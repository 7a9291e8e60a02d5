/** A service of the embedded catalog with its node and its check. Indexes are those of the write that made or changed it. */
export type Instance = {
  readonly node: string;
  readonly nodeAddress: string;
  readonly nodeMeta: Readonly<Record<string, string>>;
  readonly nodeIndex: number;
  readonly serviceId: string;
  readonly serviceName: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly checkId: string;
  readonly checkName: string;
  readonly checkStatus: string;
  readonly checkOutput: string;
  readonly createIndex: number;
  readonly modifyIndex: number;
  readonly checkModifyIndex: number;
};

export const INSTANCE_COLUMNS = `
  node, catalog_nodes.address as node_address, catalog_nodes.meta as node_meta, catalog_nodes.create_index as node_index,
  service_id, service_name, catalog_services.address, port, tags, catalog_services.meta,
  check_id, check_name, check_status, check_output, catalog_services.create_index, modify_index, check_modify_index`;

/** As JSON, in which indexes are numbers. */
export type InstanceRow = {
  readonly node: string;
  readonly node_address: string;
  readonly node_meta: Readonly<Record<string, string>>;
  readonly node_index: number;
  readonly service_id: string;
  readonly service_name: string;
  readonly address: string;
  readonly port: number;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly check_id: string;
  readonly check_name: string;
  readonly check_status: string;
  readonly check_output: string;
  readonly create_index: number;
  readonly modify_index: number;
  readonly check_modify_index: number;
};

export function instanceOf(row: InstanceRow): Instance {
  return {
    node: row.node,
    nodeAddress: row.node_address,
    nodeMeta: row.node_meta,
    nodeIndex: row.node_index,
    serviceId: row.service_id,
    serviceName: row.service_name,
    address: row.address,
    port: row.port,
    tags: row.tags,
    meta: row.meta,
    checkId: row.check_id,
    checkName: row.check_name,
    checkStatus: row.check_status,
    checkOutput: row.check_output,
    createIndex: row.create_index,
    modifyIndex: row.modify_index,
    checkModifyIndex: row.check_modify_index,
  };
}
