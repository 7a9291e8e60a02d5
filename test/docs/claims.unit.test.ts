import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { describeVariables } from '../../src/config.js';
import { MESSAGE_TYPES } from '../../src/messages/index.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { blocksOf, exchangesOf } from './markdown.js';
import { page } from './pages.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const variables = describeVariables();
/** Read by the fleet. */
const OTHER_VARIABLES = ['ROLLCALL_URL'];
const VARIABLE = /_(MS|PERCENT|NODES|SECOND|ADDR|URL|DIR|PREFIX|BROKERS|ID|PARTITIONS|ATTEMPTS|FAILURES|REPAIR)$/;

describe.each(PAGES)('%s', (path) => {
  const text = page(path);

  it('names only variables and messages that exist', () => {
    expect(unknownNames(text)).toEqual([]);
  });

  it('links only to what is there', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(page(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
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
  const ours = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  const listed = [...page('docs/operations.md').matchAll(/^\| `(rollcall_\w+)`/gm)].map(([, name]) => name);
  // Registered by the effects and by the api, where there are any.
  const others = ['rollcall_breaker_state', 'rollcall_dead_letters_quarantined', 'rollcall_dead_letters_stored'];
  expect(listed.sort()).toEqual([...ours, ...others].sort());
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

function unknownNames(text: string): readonly string[] {
  // A constant named with its file is limits.unit.test.ts's to check.
  const own = text.replace(/`\w+` in `src\/[^`]+`/g, '');
  const names = [...own.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) =>
    VARIABLE.test(name)
      ? !OTHER_VARIABLES.includes(name) && !new RegExp(`^ +${name} `, 'm').test(variables)
      : !(MESSAGE_TYPES as readonly string[]).includes(name),
  );
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
