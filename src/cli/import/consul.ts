import { described, type ConsulService } from './consul-service.js';
import { registersIn } from './consul-snapshot.js';
import {
  isFields,
  listOf,
  portOf,
  present,
  readEach,
  textOf,
  urlAt,
  type Instance,
  type Json,
  type JsonFields,
  type Reading,
} from './reading.js';

const KNOWS = '/v1/catalog/service/NAME, /v1/health/service/NAME, /v1/agent/services, or consul snapshot decode';

/** Consul's services as JSON, of its HTTP API or of a decoded snapshot. */
export function readConsul(documents: readonly Json[]): Reading {
  return readEach(registersIn(documents) ?? documents.map(servicesIn), {
    noList: `is no answer of ${KNOWS}`,
    instanceOf,
    nameOf: ({ id }, number) => id ?? `service ${number}`,
  });
}

function servicesIn(document: Json): readonly ConsulService[] | null {
  if (Array.isArray(document)) {
    const read = document.map((one: Json) => (isFields(one) ? (ofHealth(one) ?? ofCatalog(one)) : null));
    return read.every((one) => one !== null) ? read : null;
  }
  // /v1/agent/services: by their ids.
  if (!isFields(document)) return null;
  const read = Object.values(document).map((one) => (isFields(one) ? ofAgent(one) : null));
  return read.every((one) => one !== null) ? read : null;
}

function ofHealth({ Node: node, Service: service, Checks: checks }: JsonFields): ConsulService | null {
  if (!isFields(node) || !isFields(service)) return null;
  const { Node: name, Address: nodeAddress, Datacenter: datacenter } = node;
  return {
    ...described(service),
    node: textOf(name),
    nodeAddress: textOf(nodeAddress),
    datacenter: datacenter ?? null,
    checks: listOf(checks).filter(isFields),
  };
}

function ofCatalog(one: JsonFields): ConsulService | null {
  if (textOf(one['ServiceName']) === null) return null;
  return {
    node: textOf(one['Node']),
    nodeAddress: textOf(one['Address']),
    datacenter: one['Datacenter'] ?? null,
    id: textOf(one['ServiceID']),
    name: textOf(one['ServiceName']),
    tags: listOf(one['ServiceTags']),
    address: textOf(one['ServiceAddress']),
    port: one['ServicePort'] ?? null,
    meta: isFields(one['ServiceMeta']) ? one['ServiceMeta'] : {},
    kind: textOf(one['ServiceKind']),
    checks: [],
  };
}

function ofAgent(one: JsonFields): ConsulService | null {
  return textOf(one['Service']) === null ? null : described(one);
}

function instanceOf(service: ConsulService): Instance | string {
  const { name, tags, meta, node, checks } = service;
  const id = service.id ?? name;
  if (name === null || id === null) return 'has no name';
  const texts = tags.filter((tag) => typeof tag === 'string');
  const { version, ...metadata } = meta;
  const health = checks.map(({ Definition: definition }) => (isFields(definition) ? textOf(definition['HTTP']) : null));
  return {
    // An id counts on its node only.
    id: service.id === null || service.id === name ? [name, node].filter((part) => part !== null).join('-') : id,
    service: name,
    tags: texts,
    endpoints: present({ api: addressOf(service, texts), health: health.find((url) => url !== null) }),
    healthEndpoint: health.find((url) => url !== null) ?? null,
    version: textOf(version),
    metadata,
    origin: present<Json>({ registry: 'consul', serviceId: service.id, node, datacenter: service.datacenter }),
    absent: absence(service, texts),
  };
}

function addressOf({ address, nodeAddress, port }: ConsulService, tags: readonly string[]): string | null {
  const host = address ?? nodeAddress;
  const number = portOf(port);
  if (host === null || number === null) return null;
  return urlAt(tags.includes('https') || tags.includes('secure') ? 'https' : 'http', host, number);
}

function absence({ name, kind, meta, checks }: ConsulService, tags: readonly string[]): string | null {
  if (name === 'consul') return 'it is Consul itself';
  if (kind !== null) return `it is a ${kind}, which stands before a service`;
  if (tags.includes('onex') && meta['owner'] !== undefined) return 'a Rollcall has written it';
  const bad = checks.find(({ Status: status }) => status === 'critical');
  return bad === undefined ? null : `its check ${textOf(bad['CheckID']) ?? ''} is critical`;
}
