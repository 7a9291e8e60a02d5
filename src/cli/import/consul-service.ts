import { isFields, listOf, textOf, type Json, type JsonFields } from './reading.js';

/** A service of Consul, whichever of its APIs told of it. */
export type ConsulService = {
  readonly node: string | null;
  readonly datacenter: Json;
  /** Of the node: that of a service without one of its own. */
  readonly nodeAddress: string | null;
  readonly id: string | null;
  readonly name: string | null;
  readonly tags: readonly Json[];
  readonly address: string | null;
  readonly port: Json;
  readonly meta: JsonFields;
  /** `connect-proxy`, …; empty for a service as such. */
  readonly kind: string | null;
  readonly checks: readonly JsonFields[];
};

/** As a service stands in most answers; its node is told beside it. */
export function described(service: JsonFields): ConsulService {
  return {
    node: null,
    nodeAddress: null,
    datacenter: service['Datacenter'] ?? null,
    id: textOf(service['ID']),
    name: textOf(service['Service']),
    tags: listOf(service['Tags']),
    address: textOf(service['Address']),
    port: service['Port'] ?? null,
    meta: isFields(service['Meta']) ? service['Meta'] : {},
    kind: textOf(service['Kind']),
    checks: [],
  };
}
