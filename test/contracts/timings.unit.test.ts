import { expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { contractOf } from '../support/contracts.js';

const SERVERS = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  CONSUL_HTTP_ADDR: 'http://127.0.0.1:8500',
  DATABASE_URL: 'postgres://127.0.0.1/rollcall',
};

/** Wire names, as the contracts have them. */
function inSnakeCase(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

it('the defaults that the contracts document are those of the configuration', () => {
  const { timings, resilience } = loadConfig(SERVERS);
  expect(contractOf('orchestrator').timings).toEqual(inSnakeCase(timings));
  expect(contractOf('registry-effect').timings).toMatchObject(inSnakeCase(resilience));
});
