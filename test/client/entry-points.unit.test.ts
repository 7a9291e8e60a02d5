import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build } from '../e2e/rollcall.js';

/** Also for a compiler that has to share the machine, twice. */
jest.setTimeout(400_000);

const ROOT = new URL('../..', import.meta.url).pathname;

type Entry = { readonly types: string; readonly default: string };
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, Entry | string>>;
};

/** Runs a module that can import what others can; resolves with what it prints. */
async function run(text: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', text], {
    cwd: ROOT,
  });
  return stdout.trim();
}

describe('the entry points', () => {
  beforeAll(() => build());

  it.each([
    ['rollcall/client', ['Membership', 'NotActive', 'OptionsError', 'generateSigningKey', 'join']],
    ['rollcall/client/nest', ['Membership', 'RollcallClientModule']],
  ])('%s gives %j', async (entry, names) => {
    expect(await run(`console.log(Object.keys(await import('${entry}')).join())`)).toBe(names.join());
  });

  it('are all there is to import', async () => {
    expect(Object.keys(entries)).toEqual(['./client', './client/nest', './package.json']);
    const denied = `await import('rollcall/dist/main.js').catch(({ code }) => console.log(code))`;
    expect(await run(denied)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('load no Kafka client for a node that speaks HTTP', async () => {
    const loaded = `console.log(Object.keys(Module._cache).some((file) => file.includes('/kafkajs/')));`;
    const joins = (registry: string) => `
      import Module from 'node:module';
      import { join } from 'rollcall/client';
      const membership = join({ nodeId: 'n', nodeType: 'effect', registry: ${registry} });
      // It has tried: nobody is there.
      await new Promise((resolve) => membership.once('lost', resolve));
      await membership.leave();
      ${loaded}`;
    expect(await run(joins(`{ url: 'http://127.0.0.1:1' }`))).toBe('false');
    expect(await run(`${joins(`{ kafka: { brokers: ['127.0.0.1:1'] } }`)}; process.exit()`)).toBe('true');
  });

  it('have types that mention nothing of the inside', () => {
    const client = join(ROOT, 'dist/client');
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, 'utf8');
      for (const [, target = ''] of text.matchAll(/(?:from|import)\s*\(?['"](\.[^'"]+)['"]/g))
        visit(join(dirname(file), target.replace(/\.js$/, '.d.ts')));
    };
    for (const entry of Object.values(entries)) if (typeof entry !== 'string') visit(join(ROOT, entry.types));
    expect([...seen].map((file) => relative(client, file)).sort()).toEqual([
      'join.d.ts',
      'membership.d.ts',
      'nest/index.d.ts',
      'nest/rollcall-client.module.d.ts',
      'node-description.d.ts',
      'options.d.ts',
      'sdk.d.ts',
      'signing-key.d.ts',
    ]);
  });

  it('are typed for a strict author', async () => {
    expect(await compiled(AUTHOR)).toBe('');
    expect(await compiled(AUTHOR.replaceAll('// @ts-expect-error', '//'))).toMatch(/TS2820[^]*TS2345[^]*TS2339/);
  });
});

/** What a node's author writes, with mistakes that have to be found. */
const AUTHOR = `
import { join, NotActive, type JoinOptions, type Membership } from 'rollcall/client';
import { RollcallClientModule } from 'rollcall/client/nest';

const options: JoinOptions = {
  nodeId: 'n-1',
  nodeType: 'effect',
  capabilities: ['a'],
  registry: { kafka: { brokers: ['a:1'], ssl: true, sasl: { mechanism: 'plain', username: 'u', password: 'p' } } },
  ready: async ({ signal }) => !signal.aborted,
  heartbeat: () => ({ uptimeSeconds: 1 }),
  on: { active: ({ since }) => since.toUpperCase() },
};
// @ts-expect-error
const wrong: JoinOptions = { ...options, nodeType: 'effects' };
const membership: Membership = join(options);
membership.on('updated', ({ changed, revision }) => [...changed, revision.toFixed()]).once('left', ({ told }) => !told);
// @ts-expect-error
membership.on('vanished', () => undefined);
// @ts-expect-error
membership.on('lost', ({ since }) => since);
await membership.update({ capabilities: { a: true }, reason: 'health_change' });
const { told }: { told: boolean } = await membership.leave({ withinMs: 1 });
const modules = [
  RollcallClientModule.forRoot(options),
  RollcallClientModule.forRootAsync({ inject: ['id'], useFactory: (nodeId: string) => ({ ...options, nodeId }) }),
];
export const all = [wrong, told, modules, NotActive];
`;

/** What the compiler says to a module outside of the project that has it installed. */
async function compiled(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-author-'));
  try {
    const packages = join(folder, 'node_modules');
    await mkdir(packages);
    await symlink(ROOT, join(packages, 'rollcall'));
    for (const name of ['@types', '@nestjs']) await symlink(join(ROOT, 'node_modules', name), join(packages, name));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'author.ts'), text);
    const flags = [
      '--strict',
      '--noEmit',
      '--skipLibCheck',
      '--exactOptionalPropertyTypes',
      '--experimentalDecorators',
    ];
    const how = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--pretty', 'false', 'author.ts'];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    return await promisify(execFile)(process.execPath, [tsc, ...flags, ...how], { cwd: folder }).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
