import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { EXIT } from '../../src/cli/exit.js';
import { createProgram } from '../../src/cli/program.js';
import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  DEAD_LETTER_CAUSES,
  NODE_STATES,
  NODE_TYPES,
} from '../../src/cli/registry/words.js';
import { processTerminal } from '../../src/cli/terminal.js';
import { run, VERSION } from './fake-terminal.js';

const program = createProgram(() => async () => undefined, processTerminal({}), VERSION);

function everyCommand(command: Command, path = ''): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((below) => {
    const its = `${path} ${below.name()}`.trim();
    return [[its, below] as const, ...everyCommand(below, its)];
  });
}

describe('help', () => {
  it('lists every command and every exit status', async () => {
    const { code, out, err } = await run(['--help']);
    expect({ code, err }).toEqual({ code: EXIT.ok, err: '' });
    for (const { name } of program.commands.map((command) => ({ name: command.name() }))) {
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
    for (const status of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^  ${status}\\s+\\w`, 'm'));
  });

  it.each(everyCommand(program))('%s tells what it does, with examples', async (path, command) => {
    const { code, out } = await run([...path.split(' '), '--help']);
    expect(code).toBe(EXIT.ok);
    expect(out).toContain(`Usage: rollcall ${path}`);
    expect(out).toContain('--json');
    if (command.commands.length === 0) expect(out).toMatch(/Examples:\n {2}\$ .*rollcall /);
  });

  it('is what one gets without a command, and then something is missing', async () => {
    const { code, out, err } = await run([]);
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
    expect(err).toContain('Usage: rollcall');
  });

  it('tells the version', async () => {
    expect(await run(['--version'])).toEqual({ code: EXIT.ok, out: `${VERSION}\n`, err: '' });
  });
});

describe('a wrong command line ends with status 2, and says why', () => {
  it.each([
    [['node'], "unknown command 'node'"],
    [['nodes', 'lst'], "unknown command 'lst'"],
    [['nodes', 'list', '--colour'], "unknown option '--colour'"],
    [['nodes', 'get'], "missing required argument 'id'"],
    [['nodes', 'list', '--state', 'asleep'], 'Allowed choices are pending_registration'],
    [['nodes', 'list', '--limit', '0'], 'whole number from 1'],
    [['nodes', 'list', '--timeout', 'soon'], 'whole number from 1 to 3600'],
    [['nodes', 'list', '--url', 'registry'], '--url registry: has to be http://host:port'],
    [['nodes', 'list', '--token', 'a', '--token-file', 'b'], 'say the same twice'],
    [['nodes', 'list', '--token', 'a b'], 'characters that no token has'],
    [['nodes', 'list', '--token-file', '/no/such/file'], 'token file cannot be read'],
    [['expiry', 'release', '--for', '5'], 'a number with ms, s, m or h'],
    [['register', 'a'], '--type effect, compute'],
    [['register', '--type', 'effect'], 'the id of the node'],
    [['register', 'a', '--type', 'effect', '--endpoint', 'x'], '--endpoint x: has to be a name'],
    [['register', '--file', '/no/such/file'], '/no/such/file cannot be read'],
    [['dead-letters', 'redrive'], 'say which'],
    [['dead-letters', 'redrive', 'x', '--all'], 'two ways'],
    [['dead-letters', 'redrive', '--all', '--force'], '--force goes with ids'],
    [['drift', '--force'], '--force goes with'],
    [['drift', '--repair', '--drift', 'foreign'], 'never repaired'],
    [['audit', '--action', 'nothing'], 'Allowed choices are node.register'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
    [['import', 'etcd', 'x.json'], 'Allowed choices are eureka, nacos, consul'],
  ])('%j', async (args, why) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: EXIT.usage, out: '' });
    expect(err).toContain(why);
  });
});

it('the words that the API has are those of openapi.json', () => {
  const text = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');
  const { components, paths } = JSON.parse(text);
  expect([...NODE_STATES]).toEqual(components.schemas.NodeState.enum);
  expect([...DEAD_LETTER_CAUSES]).toEqual(components.schemas.DeadLetter.properties.cause.enum);
  const { schema } = paths['/v1/nodes'].post.requestBody.content['application/json'];
  expect([...NODE_TYPES]).toEqual(schema.properties.nodeType.enum);
  const entry = components.schemas.AuditEntry.properties;
  expect([...AUDIT_ACTIONS]).toEqual(entry.action.enum);
  expect([...AUDIT_OUTCOMES, null]).toEqual(entry.outcome.enum);
});
