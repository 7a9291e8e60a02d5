import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { describeVariables } from '../../src/config.js';
import { MESSAGE_TYPES } from '../../src/messages/index.js';
import { ERROR_CODES } from '../../src/registry-effect/resilience/error-codes.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { registerProcessMetrics } from '../../src/runtime/process-metrics.js';
import { blocksOf, exchangesOf } from './markdown.js';
import { page } from './pages.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const OWN_PAGES = readdirSync(join(ROOT, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);
const PAGES = ['README.md', ...OWN_PAGES];

const variables = describeVariables();
/** Read by the fleet, by the command, or by Node itself. */
const OTHER_VARIABLES = ['ROLLCALL_URL', 'ROLLCALL_TOKEN', 'ROLLCALL_TOKEN_FILE', 'NO_COLOR', 'NODE_EXTRA_CA_CERTS'];
/** Of the scripts in ops/, and words of Kafka's own. */
const OTHER_NAMES = ['NODE_GROUP_PREFIX', 'REPLICATION_FACTOR', 'COMMAND_CONFIG', 'DRY_RUN', 'SASL_SSL'];
const VARIABLE =
  /_(MS|PERCENT|NODES|SECOND|ADDR|URL|DIR|PREFIX|BROKERS|ID|PARTITIONS|ATTEMPTS|FAILURES|REPAIR|REGISTRATION)$/;
/** Names that OpenTelemetry gives. */
const STANDARD = /^OTEL_/;

describe.each(PAGES)('%s', (path) => {
  const text = page(path);

  it('names only variables and messages that exist', () => {
    expect(unknownNames(text)).toEqual([]);
  });

  it('links only to what is there', () => {
    const broken = linksOf(text).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(page(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

it('docs/README.md leads to every page, and says what it tells', () => {
  expect(leftOut(page('docs/README.md'))).toEqual([]);
  expect(leftOut(page('docs/README.md').replaceAll('](chaos.md)', '](chaos)'))).toEqual(['docs/chaos.md']);
  expect(linksOf(page('README.md'))).toContain('docs/README.md');
});

it('a variable or message that does not exist is found', () => {
  expect(unknownNames('ACK_TIMEOUT_MS, ACK_TIMEOUT_SECOND, NODE_HEARTBEAT, NODE_DIED')).toEqual([
    'ACK_TIMEOUT_SECOND',
    'NODE_DIED',
  ]);
});

it('docs/operations.md lists the metrics of the runtime, all of them', async () => {
  const registry = new Registry();
  new RuntimeMetrics(registry);
  const listed = [...page('docs/operations.md').matchAll(/^\| `(rollcall_\w+)`/gm)].map(([, name]) => name);
  registerProcessMetrics(registry, { version: '1.2.3', dataDir: '.' });
  // Registered by the effects and by the api, where there are any; e2e/observed.unit.test.ts asks a running registry for all of them.
  const others = [
    'breaker_state',
    'dead_letters_quarantined',
    'dead_letters_stored',
    'event_followers',
    'event_followers_dropped_total',
    'event_gaps_total',
    'events_sent_total',
    'nodes',
    'ready',
    'refused_requests_total',
    'component_status',
  ];
  const ofApi = [...others, 'http_request_duration_seconds'].map((name) => `rollcall_${name}`);
  const ours = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(listed.sort()).toEqual([...ours, ...ofApi].sort());
});

describe('docs/api.md', () => {
  const commands = exchangesOf(blocksOf(page('docs/api.md'))).flatMap((exchange) => requestsIn(exchange.commands));
  const { paths } = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')) as {
    paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  );

  it.each(operations)('shows %s %s', (method, path) => {
    const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`);
    const shown = commands.filter((request) => request.method === method && pattern.test(request.path));
    expect(shown).not.toEqual([]);
  });
});

/** Links within the project, as they are written. */
function linksOf(text: string): readonly string[] {
  return [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
}

/** Pages that the index does not name in one of its tables. */
function leftOut(index: string): readonly string[] {
  const rows = index.split('\n').filter((line) => /^\| \[.*\| \S/.test(line));
  const named = rows.flatMap(linksOf).map((link) => join('docs', link.split('#')[0] ?? ''));
  return OWN_PAGES.filter((path) => path !== 'docs/README.md' && !named.includes(path));
}

function unknownNames(text: string): readonly string[] {
  // A constant named with its file is limits.unit.test.ts's to check.
  const own = text.replace(/`\w+` in `src\/[^`]+`/g, '');
  const names = [...own.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => {
    if ([...OTHER_VARIABLES, ...OTHER_NAMES].includes(name) || new RegExp(`^ +${name} `, 'm').test(variables))
      return false;
    if (VARIABLE.test(name) || STANDARD.test(name)) return true;
    return !(MESSAGE_TYPES as readonly string[]).includes(name) && !Object.hasOwn(ERROR_CODES, name);
  });
}

/** Requests of curl commands, as the page writes them: the method by -X, or GET. */
function requestsIn(commands: string): readonly { readonly method: string; readonly path: string }[] {
  return commands
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => {
      const path = /http:\/\/127\.0\.0\.1:3000([^\s'"?]*)/.exec(line)?.[1];
      if (!line.includes('curl ') || path === undefined) return [];
      return [{ method: /-X (\w+)/.exec(line)?.[1] ?? 'GET', path }];
    });
}

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
