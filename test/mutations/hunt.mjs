import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Longer than any hunt that passes. */
const WITHIN_MS = 300_000;

/**
 * Looks for the bug in a workspace: `{ seeds }` by the simulator, `{ test, named? }` by a file of tests. Gives `caught` with what caught
 * it, `passed`, or `broken` when the hunt itself could not be held.
 */
export function hunt(workspace, by) {
  return by.test === undefined ? simulate(workspace, by) : test(workspace, by);
}

async function simulate(workspace, { seeds }) {
  const args = [
    'dist/simulator/main.js',
    '--seeds',
    String(seeds),
    '--workers',
    '1',
    '--failures',
    '1',
    '--shrink',
    '0',
  ];
  const { code, output } = await run(workspace, args);
  if (code === 0) return { outcome: 'passed', detail: `${seeds} seeds passed` };
  const [failure] = /^seed \d+: [^:]+/m.exec(output) ?? [];
  return code === 1 && failure !== undefined
    ? { outcome: 'caught', detail: failure }
    : { outcome: 'broken', detail: firstLines(output) };
}

async function test(workspace, { test: path, named }) {
  const file = join(workspace, 'report.json');
  const { output } = await run(workspace, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    `--rootDir=${workspace}`,
    '--config=jest.config.js',
    '--json',
    `--outputFile=${file}`,
    '--runTestsByPath',
    path,
    ...(named === undefined ? [] : ['--testNamePattern', named]),
  ]);
  if (!existsSync(file)) return { outcome: 'broken', detail: firstLines(output) };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  if (report.numRuntimeErrorTestSuites > 0)
    return { outcome: 'broken', detail: firstLines(report.testResults[0].message) };
  if (report.numPassedTests + report.numFailedTests === 0) return { outcome: 'broken', detail: 'no test was run' };
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { outcome: 'passed', detail: `${path}: ${report.numPassedTests} passed` };
  return { outcome: 'caught', detail: `${path}: ${failed[0].fullName}` };
}

function run(cwd, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: WITHIN_MS });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function firstLines(text) {
  return text.trim().split('\n').slice(0, 6).join(' | ').slice(0, 600);
}
