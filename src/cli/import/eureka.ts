import {
  isFields,
  isTrue,
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

/**
 * Eureka's `GET /eureka/apps` as JSON, all of it or one application (`/eureka/apps/NAME`) or instance. Its JSON was made from XML:
 * a port is `{ "$": 8080, "@enabled": "true" }`, and old servers write a list of one as its only element.
 */
export function readEureka(documents: readonly Json[]): Reading {
  return readEach(documents.map(instancesIn), {
    noList: 'has no "applications", "application" or "instance"',
    instanceOf: (one) => (isFields(one) ? instanceOf(one) : 'is no object'),
    nameOf: (_one, number) => `instance ${number}`,
  });
}

function instancesIn(document: Json): readonly Json[] | null {
  if (!isFields(document)) return null;
  const { applications, application, instance } = document;
  if (instance !== undefined) return listOf(instance);
  if (application !== undefined)
    return listOf(application).flatMap((one) => (isFields(one) ? listOf(one['instance']) : []));
  return isFields(applications)
    ? listOf(applications['application']).flatMap((one) => (isFields(one) ? listOf(one['instance']) : []))
    : null;
}

function instanceOf(one: JsonFields): Instance | string {
  const app = textOf(one['app']);
  const host = textOf(one['hostName']) ?? textOf(one['ipAddr']);
  const id = textOf(one['instanceId']) ?? host;
  if (app === null) return 'has no "app"';
  if (id === null || host === null) return 'has neither "instanceId" nor "hostName"';
  const own = isFields(one['metadata']) ? one['metadata'] : {};
  // Of Jackson, which tells the Java class of an empty map.
  const { '@class': _class, version, tags, ...metadata } = own;
  const status = textOf(one['status']) ?? 'UNKNOWN';
  const healthEndpoint = textOf(one['secureHealthCheckUrl']) ?? textOf(one['healthCheckUrl']);
  return {
    id,
    service: app.toLowerCase(),
    tags: (textOf(tags) ?? '').split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])),
    endpoints: present({
      api: addressOf(one, host),
      health: healthEndpoint,
      status: textOf(one['statusPageUrl']),
    }),
    healthEndpoint,
    version: textOf(version),
    metadata,
    origin: present<Json>({
      registry: 'eureka',
      application: app,
      instanceId: id,
      address: textOf(one['ipAddr']),
      vipAddress: textOf(one['vipAddress']),
      dataCenter: isFields(one['dataCenterInfo']) ? textOf(one['dataCenterInfo']['name']) : null,
    }),
    absent: status === 'UP' ? null : `its status is ${status}`,
  };
}

/** The secure port where it is enabled. */
function addressOf(one: JsonFields, host: string): string | null {
  const secure = enabledPort(one['securePort']);
  if (secure !== null) return urlAt('https', host, secure);
  const plain = enabledPort(one['port']);
  return plain === null ? null : urlAt('http', host, plain);
}

function enabledPort(port: Json | undefined): number | null {
  if (!isFields(port)) return portOf(port);
  return isTrue(port['@enabled']) ? portOf(port['$']) : null;
}
