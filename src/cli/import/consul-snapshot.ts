import { described, type ConsulService } from './consul-service.js';
import { isFields, listOf, textOf, type Json, type JsonFields } from './reading.js';

/**
 * The lines of `consul snapshot decode`: `{ "Type": "Register", "Data": … }` is a node, one of its services, or one of its checks. Null
 * where the documents are none of these lines.
 */
export function registersIn(documents: readonly Json[]): readonly (readonly ConsulService[])[] | null {
  const records = documents.flatMap((document) => (isRecord(document) ? [document] : []));
  if (records.length !== documents.length || records.length === 0) return null;
  const registers = records.flatMap(({ Type: type, Data: data }) =>
    type === 'Register' && isFields(data) ? [data] : [],
  );
  const checks = checksOf(registers);
  const services = registers.flatMap((register): ConsulService[] => {
    const { Service: service, Node: node, Address: address, Datacenter: datacenter } = register;
    if (!isFields(service)) return [];
    const read = described(service);
    return [
      {
        ...read,
        node: textOf(node),
        nodeAddress: textOf(address),
        datacenter: datacenter ?? null,
        checks: [service['ID'], null].flatMap((id) => checks.get(keyOf(node, id)) ?? []),
      },
    ];
  });
  return [services];
}

function isRecord(document: Json): document is JsonFields {
  return isFields(document) && typeof document['Type'] === 'string' && document['Data'] !== undefined;
}

/** By node and service; those without a service are of the node as a whole. */
function checksOf(registers: readonly JsonFields[]): ReadonlyMap<string, readonly JsonFields[]> {
  const checks = new Map<string, JsonFields[]>();
  for (const { Check: one, Checks: many } of registers) {
    for (const check of [...listOf(one), ...listOf(many)].filter(isFields)) {
      const key = keyOf(check['Node'], check['ServiceID']);
      checks.set(key, [...(checks.get(key) ?? []), check]);
    }
  }
  return checks;
}

function keyOf(node: Json | undefined, serviceId: Json | undefined): string {
  return JSON.stringify([textOf(node), textOf(serviceId)]);
}
