import { describe, expect, it } from '@jest/globals';
import { setCheck, setNode, setService } from '../../src/registry-effect/consul/operations.js';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';
import { catalogRow, REGISTER_COLUMNS } from '../../src/registry-effect/embedded/catalog-row.js';
import { classifyCatalogError } from '../../src/registry-effect/embedded/classify-catalog-error.js';
import { valuesOf } from '../../src/registry-effect/postgres/registration-row.js';
import { at, register } from './sample-intents.js';

type Sent = Readonly<Record<'Node' | 'Service' | 'Check', Readonly<Record<string, unknown>>>>;
const sent = (operation: string): Sent => JSON.parse(operation) as Sent;

describe('a row of the catalog', () => {
  const intents = [
    register('n1'),
    register('Resizer', { health: 'passing', revision: 7, record: { nodeType: 'compute', endpoints: {} } }),
    register('plain-0badf00d', { onlyHealth: true, record: { endpoints: { health: 'https://[2001:db8::1]/h' } } }),
  ];

  it.each(intents)('is what Consul would get: $nodeId', (intent) => {
    const names = consulNames('reg', intent.nodeId);
    expect(catalogRow(at(intent), 'reg')).toEqual({
      nodeId: intent.nodeId,
      revision: intent.revision,
      onlyHealth: intent.onlyHealth,
      node: sent(setNode(names.node, 'reg')).Node['Node'],
      service: sent(setService(names, intent, 'reg')).Service['Service'],
      check: sent(setCheck(names, intent)).Check['Check'],
    });
  });

  it('travels as one array a column', () => {
    const rows = intents.map((intent) => catalogRow(at(intent), 'reg'));
    const columns = Object.fromEntries(
      valuesOf(REGISTER_COLUMNS, rows).map((values, index) => [REGISTER_COLUMNS[index]!.name, values]),
    );
    expect(columns).toMatchObject({
      node_id: ['n1', 'Resizer', 'plain-0badf00d'],
      service_name: ['onex-effect', 'onex-compute', 'onex-effect'],
      address: ['10.1.2.3', '', '2001:db8::1'],
      port: [8080, 0, 443],
      check_status: ['critical', 'passing', 'critical'],
      check_output: ['awaiting acknowledgement', '', 'awaiting acknowledgement'],
      only_health: [false, false, true],
      revision: [1, 7, 1],
    });
    expect(columns['service_id']![1]).toMatch(/^onex-compute-Resizer-[0-9a-f]{8}$/);
  });

  it('has its tags a second time without case, to be searched as Consul does', () => {
    const row = catalogRow(at(register('n1', { record: { capabilityTags: ['Größe', 'PNG'] } })), 'reg');
    const [values] = valuesOf(
      REGISTER_COLUMNS.filter(({ name }) => name === 'folded_tags'),
      [row],
    );
    expect(values).toEqual(['["onex","node_type:effect","cap:größe","cap:png"]']);
  });
});

describe('an error of the catalog', () => {
  it.each([
    [{ code: '22P05', severity: 'ERROR' }, 'CONSUL_VALIDATION_ERROR'],
    [{ code: 'ECONNREFUSED' }, 'CONSUL_CONNECTION_ERROR'],
    [{ code: '57014', severity: 'ERROR' }, 'CONSUL_TIMEOUT_ERROR'],
    [{ code: '28P01', severity: 'FATAL' }, 'CONSUL_AUTH_ERROR'],
    [{ code: 'P0001', severity: 'ERROR' }, 'CONSUL_UNKNOWN_ERROR'],
  ])('%j is told of the backend consul: %s', (error, code) => {
    expect(classifyCatalogError(error)).toBe(code);
  });
});
