/** `npm run check [-- NAME ...]`: everything that can be judged without running the tests. All of it runs, whatever fails. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const bin = (name) => join(root, 'node_modules/.bin', name);

/** The longest first: they share the processors. */
const CHECKS = {
  lint: [bin('eslint'), '--max-warnings=0', '.'],
  types: [bin('tsc'), '-p', 'test'],
  'console-types': [bin('tsc'), '-p', 'src/console'],
  format: [bin('prettier'), '--check', '--log-level=warn', '.'],
  'reducer-purity': [bin('tsc'), '-p', 'src/reducer'],
  'orchestrator-purity': [bin('tsc'), '--build', 'src/orchestrator'],
  architecture: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'src'],
  generated: [process.execPath, 'scripts/generated.mjs', '--check'],
  licences: [process.execPath, 'scripts/licences.mjs'],
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(CHECKS);
const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
if (unknown.length > 0) {
  console.error(`No such check: ${unknown.join(', ')}. There are: ${Object.keys(CHECKS).join(', ')}`);
  process.exit(2);
}

const waiting = [...names];
const failed = [];
await Promise.all(Array.from({ length: availableParallelism() }, worker));
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function worker() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const began = performance.now();
    const { code, output } = await outcome(CHECKS[name]);
    if (code !== 0) failed.push(name);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${code === 0 ? '' : `\n${output.trimEnd()}`}`);
  }
}

function outcome([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
