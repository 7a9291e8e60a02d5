import { readFileSync } from 'node:fs';
import { LOSSES } from '../../src/api/events/listener.js';
import { PROBLEM_TYPES } from '../../src/api/http/problem-types.js';
import { NODE_STATES } from '../../src/api/read/node.js';
import { BACKENDS, MESSAGE_TYPES, NODE_TYPES, TOPIC_SUFFIXES } from '../../src/messages/index.js';
import { ERROR_CODES } from '../../src/registry-effect/resilience/error-codes.js';
import { contractOf } from '../support/contracts.js';
import type { Sample } from './exposition.js';

const contracts = [contractOf('orchestrator'), contractOf('reducer')];
const rules = contracts.flatMap(({ state_machine: machine }) => Object.entries(machine?.rules ?? {}));
const reasons = rules.flatMap(([, { ignored }]) => ignored ?? []);
const groups = [...contracts, contractOf('registry-effect')].flatMap(({ consumes }) =>
  consumes.map(({ group }) => group),
);
const operations = contractOf('registry-effect').handler_routing.handlers.map((entry) => entry.routing_key);
const { paths } = JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: object };
const routes = Object.keys(paths).map((path) => path.replace(/\{(\w+)\}/g, ':$1'));
const OTHER_ROUTES =
  /^(none|\/|\/metrics|\/graphql|\/(docs|problems|consul|console|openapi\.json|asyncapi\.json)\b.*)$/;

/** What becomes of a snapshot. */
const SNAPSHOTS = ['published', 'removed', 'unchanged', 'ahead'];
const HEALTH = ['kafka', 'state', 'expiry', 'drift'];

const oneOf =
  (...all: readonly string[]) =>
  (value: string): boolean =>
    all.includes(value);
const endsWith =
  (all: readonly string[]) =>
  (value: string): boolean =>
    all.some((end) => value === end || value.endsWith(`.${end}`));

/** What a label of ours may say. */
const CLOSED: Readonly<Record<string, (value: string) => boolean>> = {
  machine: oneOf('orchestrator', 'reducer'),
  message: oneOf(...MESSAGE_TYPES),
  rule: oneOf(...rules.map(([name]) => name)),
  reason: oneOf(...reasons, 'stale', 'coalesced', 'broken', ...Object.keys(LOSSES), ...Object.keys(PROBLEM_TYPES)),
  component: oneOf(
    'steps',
    'heartbeats',
    'dead-letters',
    'snapshots',
    'orchestrator',
    'reducer',
    ...BACKENDS,
    ...HEALTH,
  ),
  stage: oneOf('decide_and_store', 'apply', 'publish', 'start_deadlines', 'look'),
  operation: oneOf(...operations),
  outcome: oneOf('ok', 'extended', 'coalesced', ...SNAPSHOTS, ...reasons, ...Object.keys(ERROR_CODES)),
  protocol: oneOf('sse', 'graphql'),
  backend: oneOf(...BACKENDS),
  group: endsWith([...groups, 'dead-letters']),
  topic: endsWith(TOPIC_SUFFIXES),
  partition: (value) => /^\d{1,2}$/.test(value),
  kind: oneOf('ack', 'liveness', 'degraded', 'missing', 'altered', 'ghost', 'foreign'),
  until: oneOf('accepted', 'active'),
  state: oneOf(...NODE_STATES),
  node_type: oneOf(...NODE_TYPES, 'unknown'),
  method: oneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'),
  route: (value) => routes.includes(value) || OTHER_ROUTES.test(value),
  status: oneOf('1xx', '2xx', '3xx', '4xx', '5xx'),
  version: (value) => /^\d+\.\d+\.\d+/.test(value),
  node_version: oneOf(process.version),
  le: (value) => value === '+Inf' || Number(value) >= 0,
};

/** Labels of the registry's own metrics that say what is in no closed set. */
export function openLabels(samples: readonly Sample[]): readonly string[] {
  return samples
    .filter(({ series }) => series.startsWith('rollcall_'))
    .flatMap(({ series, labels }) =>
      Object.entries(labels)
        .filter(([name, value]) => CLOSED[name]?.(value) !== true)
        .map(([name, value]) => `${series} ${name}=${value}`),
    );
}
