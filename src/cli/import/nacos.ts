import {
  isFields,
  isTrue,
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

/**
 * Nacos' lists of instances as JSON: `/nacos/v1/ns/instance/list`, the same of v2 and v3 within its `data`, `/nacos/v1/ns/catalog/instances`
 * (`list`), and `/nacos/v1/ns/catalog/services?withInstances=true` (services with a `clusterMap`).
 */
export function readNacos(documents: readonly Json[]): Reading {
  const found = documents.map((document) => hostsIn(document, null));
  return readEach(found, {
    noList: 'has no "hosts", "list", "data" or "clusterMap" with instances',
    instanceOf: ({ host, service }) => (isFields(host) ? instanceOf(host, service) : 'is no object'),
    nameOf: (_one, number) => `instance ${number}`,
  });
}

type Host = { readonly host: Json; readonly service: string | null };

/** Where the hosts are, and the service that is named above them. Null: this is none of Nacos' lists. */
function hostsIn(document: Json, above: string | null): readonly Host[] | null {
  if (Array.isArray(document)) return together(document.map((one: Json) => hostsIn(one, above)));
  if (!isFields(document)) return null;
  const service = textOf(document['serviceName']) ?? textOf(document['name']) ?? above;
  if (isFields(document['clusterMap'])) {
    return together(Object.values(document['clusterMap']).map((cluster) => hostsIn(cluster, service)));
  }
  const hosts = document['hosts'] ?? document['list'] ?? document['pageItems'];
  if (Array.isArray(hosts)) return hosts.map((host: Json) => ({ host, service }));
  if (document['data'] !== undefined) return hostsIn(document['data'], service);
  // A bare list of instances, as v3 answers.
  return document['ip'] === undefined ? null : [{ host: document, service }];
}

function together(parts: readonly (readonly Host[] | null)[]): readonly Host[] | null {
  return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
}

function instanceOf(host: JsonFields, above: string | null): Instance | string {
  const ip = textOf(host['ip']);
  const port = portOf(host['port']);
  const named = textOf(host['serviceName']) ?? above;
  if (ip === null || port === null) return 'has no "ip" and "port"';
  if (named === null)
    return 'does not tell its service: the list has to be of one service, or name it in "serviceName"';
  // `DEFAULT_GROUP@@billing`: the group stands before the name.
  const at = named.indexOf('@@');
  const group = at === -1 ? null : named.slice(0, at);
  const service = at === -1 ? named : named.slice(at + 2);
  const { version, tags, secure, ...metadata } = isFields(host['metadata']) ? host['metadata'] : ({} as JsonFields);
  const cluster = textOf(host['clusterName']);
  return {
    id: `${service}-${ip}-${port}${cluster === null || cluster === 'DEFAULT' ? '' : `-${cluster}`}`,
    service,
    tags: (textOf(tags) ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
    endpoints: { api: urlAt(isTrue(secure) ? 'https' : 'http', ip, port) },
    healthEndpoint: null,
    version: textOf(version),
    metadata,
    origin: present<Json>({
      registry: 'nacos',
      instanceId: textOf(host['instanceId']),
      group,
      cluster,
      weight: host['weight'] ?? null,
      ephemeral: host['ephemeral'] ?? null,
    }),
    absent: absence(host),
  };
}

function absence({ healthy, enabled }: JsonFields): string | null {
  if (enabled === false) return 'it is not enabled';
  return healthy === false ? 'it is not healthy' : null;
}
