/**
 * `npm run fuzz-api [-- --max-examples N] [--seed N]`: schemathesis against a registry of its own, with embedded parts and a small
 * fleet, which asks for a token. Fails on every answer that openapi.json does not describe: a 500, another status, another content
 * type, another form, or a request that is not as described, or without the token, and is taken all the same. Before that it has to find a planted fault.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';

const VERSION = '4.32.5';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'ignored_auth',
];
/** Streams: they are open until the client closes them. */
const STREAMS = '/events$';
const READY_WITHIN_MS = 60_000;
/** It asks as often as it can. */
const NO_LIMITS = { RATE_LIMIT_COMMANDS: '0', RATE_LIMIT_READS: '0', RATE_LIMIT_NODE: '0', RATE_LIMIT_FAILURES: '0' };

const root = dirname(import.meta.dirname);
const { values } = parseArgs({
  options: { 'max-examples': { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } },
});
const work = mkdtempSync(join(tmpdir(), 'rollcall-fuzz-'));
const run = promisify(execFile);

try {
  const schemathesis = await installed();
  await findsAPlantedFault(schemathesis);
  process.exitCode = await fuzzed(schemathesis);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The program, in a virtual environment that is kept from run to run. */
async function installed() {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'rollcall', `schemathesis-${VERSION}`);
  const program = join(folder, 'bin', 'schemathesis');
  const mark = join(folder, 'complete');
  if (!existsSync(mark)) {
    console.error(`installing schemathesis ${VERSION}…`);
    rmSync(folder, { recursive: true, force: true }); // half of one
    mkdirSync(dirname(folder), { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`]); // prettier-ignore
    writeFileSync(mark, '');
  }
  return program;
}

/** A gate that never failed is none: a server that answers otherwise than it says. */
async function findsAPlantedFault(schemathesis) {
  const operation = { responses: { 200: { description: 'Done' } } };
  const document = { openapi: '3.1.0', info: { title: 'planted', version: '1' }, paths: { '/thing': { get: operation } } }; // prettier-ignore
  const server = createServer((request, response) => {
    const isDocument = request.url === '/openapi.json';
    response.writeHead(isDocument ? 200 : 418, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isDocument ? document : { tea: true }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { code, output } = await checked(schemathesis, `http://127.0.0.1:${server.address().port}`, {
    maxExamples: '1',
  });
  server.close();
  server.closeAllConnections();
  if (code === 0 || !output.includes('418')) fail(`schemathesis did not find the planted fault:\n${output}`);
  console.error('a planted fault is found');
}

async function fuzzed(schemathesis) {
  await run(process.execPath, [join(root, 'scripts/run.mjs'), '--stale'], { cwd: root });
  const maker = join(root, 'dist/token/main.js');
  const made = await run(process.execPath, [maker, '--name', 'fuzzer', '--role', 'admin', '--json']);
  const { token, entry } = JSON.parse(made.stdout);
  const registry = spawn(process.execPath, [join(root, 'dist/main.js')], {
    cwd: work,
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'info', ADMIN_TOKENS: entry, ...NO_LIMITS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await listening(registry);
    const authorization = `Bearer ${token}`;
    await withFleet(url, authorization);
    const { code, output } = await checked(schemathesis, url, { maxExamples: values['max-examples'], authorization });
    process.stdout.write(output);
    if (registry.exitCode !== null) fail('the registry ended while it was asked');
    return code;
  } finally {
    registry.kill('SIGTERM');
    if (registry.exitCode === null && registry.signalCode === null) await once(registry, 'exit');
  }
}

/** Exit code and output of schemathesis against what a server says of itself. */
async function checked(schemathesis, url, { maxExamples, authorization }) {
  const options = [
    ...['--checks', CHECKS.join(','), '--phases', 'examples,coverage,fuzzing', '--max-examples', maxExamples],
    ...['--seed', values.seed, '--generation-database', 'none', '--request-timeout', '20', '--continue-on-failure'],
    ...['--exclude-path-regex', STREAMS],
    ...(authorization === undefined ? [] : ['--header', `Authorization: ${authorization}`]),
  ];
  const child = spawn(schemathesis, ['--no-color', 'run', `${url}/openapi.json`, ...options], {
    cwd: work,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code: code ?? 1, output };
}

/** Its address, once it is ready. */
async function listening(registry) {
  let url = '';
  const lines = createInterface(registry.stdout);
  lines.on('line', (line) => {
    const [, address] = /"Rollcall listens on ([^"]+)"/.exec(line) ?? [];
    if (address !== undefined) url = address;
    const { level, msg, where, error } = JSON.parse(line);
    if (level === 'error' || level === 'fatal') console.error(`registry: ${msg} ${where ?? ''} ${error ?? ''}`);
  });
  for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await sleep(200)) {
    if (registry.exitCode !== null) fail('the registry did not start');
    if (url === '') continue;
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    if (answer?.status === 200) return url;
  }
  return fail('the registry was not ready in time');
}

/** Something to ask for: nodes of every type, among them the one of the examples, and one that has left. */
async function withFleet(url, authorization) {
  const types = ['effect', 'compute', 'reducer', 'orchestrator'];
  const nodeIds = ['billing-7', ...Array.from({ length: 11 }, (_, index) => `node-${index}`)];
  for (const [index, nodeId] of nodeIds.entries()) {
    const body = { nodeId, nodeType: types[index % types.length], capabilities: ['invoices'] };
    const answer = await fetch(`${url}/v1/nodes`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', prefer: 'wait=10' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) fail(`${nodeId} was not registered: ${answer.status} ${await answer.text()}`);
  }
  await fetch(`${url}/v1/nodes/node-10`, { method: 'DELETE', headers: { authorization } });
}

function fail(text) {
  throw new Error(text);
}
