import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../support/stack.js';
import { build, Rollcall } from '../rollcall.js';
import { get, graphql, pages, type NodeDocument } from './api.js';
import { foldFolder } from './embedded-place.js';
import { idsOf, registers } from './fleets.js';

const SIZE = 50;

type Health = { readonly components: Readonly<Record<string, { readonly status: string }>> };

describe('a first start, with nothing configured', () => {
  jest.setTimeout(300_000);
  let rollcall: Rollcall;
  let dataDir: string;
  const folders: string[] = [];

  beforeAll(async () => {
    await build();
    rollcall = await Rollcall.start({});
    dataDir = join(rollcall.cwd, 'data');
    folders.push(rollcall.cwd);
  });

  afterAll(async () => {
    await rollcall?.stop();
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('says where everything is, for this machine alone', async () => {
    const line = rollcall.lines.find(({ msg }) => msg === `Rollcall listens on ${rollcall.url}`);
    expect(new URL(rollcall.url).hostname).toBe('127.0.0.1');
    expect(line).toMatchObject({
      api: `${rollcall.url}/v1/nodes`,
      docs: `${rollcall.url}/docs`,
      graphql: `${rollcall.url}/graphql`,
      health: `${rollcall.url}/health`,
    });
    expect(await get(`${rollcall.url}/v1/nodes`)).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
    expect((await fetch(`${rollcall.url}/docs`)).headers.get('content-type')).toContain('text/html');
    expect(await graphql(rollcall.url, '{ registryStats { total } }')).toEqual({ registryStats: { total: 0 } });
    expect((await get<{ openapi: string }>(`${rollcall.url}/openapi.json`)).body.openapi).toMatch(/^3\./);
    expect(rollcall.lines.filter(({ msg }) => msg?.startsWith('not JSON') === true)).toEqual([]);
  });

  it('keeps everything in the data folder', async () => {
    expect(await readdir(rollcall.cwd)).toEqual(['data']);
  });

  it('registers a fleet, and has it after kill -9 and another start', async () => {
    await registers({ url: rollcall.url, tail: () => rollcall.tail() }, 'first', SIZE);
    await rollcall.kill();
    rollcall = await Rollcall.start({ DATA_DIR: dataDir });
    folders.push(rollcall.cwd);
    const nodes = await pages<NodeDocument>(rollcall.url, '/v1/nodes?state=active', 1000);
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(idsOf('first', SIZE));
    expect(await readdir(rollcall.cwd)).toEqual([]);
  });

  it('does not let a second process into the folder', async () => {
    await isRefused(
      { DATA_DIR: dataDir },
      `another Rollcall uses ${dataDir}: stop it, or set DATA_DIR to another folder`,
    );
    // Of the fleet nobody speaks any more, which health may tell of; every component is as it was.
    const health = async () => (await get<Health>(`${rollcall.url}/health`)).body.components;
    await until(
      async () => {
        const components = await health();
        return ['kafka', 'state', 'consul', 'postgres'].every((name) => components[name]?.status === 'healthy');
      },
      { what: 'all components to be healthy' },
    );
  });

  it('does not share a port', async () => {
    const { port } = new URL(rollcall.url);
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-refused-'));
    folders.push(folder);
    await isRefused(
      { PORT: port, DATA_DIR: join(folder, 'data') },
      `PORT=${port}: another program listens on 127.0.0.1:${port}; set PORT to a free one`,
    );
  });

  it('does not start where it cannot write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-refused-'));
    folders.push(folder);
    const refused = await unwritable(folder);
    await isRefused(
      { DATA_DIR: refused },
      `cannot write to the data folder ${refused}: give this user write access to it, or set DATA_DIR to another folder`,
    );
  });

  it('leaves nothing but its database, with a journal that folds to what is stored', async () => {
    expect(await rollcall.stop()).toBe(0);
    expect(await readdir(dataDir)).toEqual(['postgres']);
    const { nodes, problems } = await foldFolder(dataDir);
    expect({ nodes, problems }).toEqual({ nodes: 2 * SIZE, problems: [] });
  });

  /** It ends by itself with exit code 1, and says this, on its log or on standard error. */
  async function isRefused(environment: Readonly<Record<string, string>>, message: string): Promise<void> {
    const refused = await Rollcall.spawn(environment);
    folders.push(refused.cwd);
    const { code, stderr } = await refused.exited();
    const said = [...refused.lines.map(({ msg }) => msg ?? ''), stderr];
    expect({ code, said }).toEqual({ code: 1, said: expect.arrayContaining([expect.stringContaining(message)]) });
  }
});

/** A data folder that this user cannot write to; root can write to every folder, but not to one below a file. */
async function unwritable(folder: string): Promise<string> {
  if (process.getuid?.() === 0) {
    await writeFile(join(folder, 'file'), '');
    return join(folder, 'file', 'data');
  }
  await mkdir(join(folder, 'data'), { mode: 0o500 });
  return join(folder, 'data');
}
