import { Command, CommanderError } from 'commander';
import { paragraphs, wholeNumber, type AddCommand, type Begin } from './command.js';
import { auditCommand } from './commands/audit.js';
import { completionCommand } from './commands/completion.js';
import { deadLettersCommand } from './commands/dead-letters.js';
import { deregisterCommand } from './commands/deregister.js';
import { doctorCommand } from './commands/doctor.js';
import { driftCommand } from './commands/drift.js';
import { expiryCommand } from './commands/expiry.js';
import { importCommand } from './commands/import.js';
import { introspectCommand } from './commands/introspect.js';
import { nodesCommand } from './commands/nodes.js';
import { operationsCommand } from './commands/operations.js';
import { registerCommand } from './commands/register.js';
import { whoAmICommand } from './commands/whoami.js';
import { CommandFailure, EXIT, type ExitCode } from './exit.js';
import { coloured, wantsColours } from './output/colours.js';
import { openSession, type GlobalOptions } from './session.js';
import type { Terminal } from './terminal.js';

const COMMANDS: readonly AddCommand[] = [
  nodesCommand,
  registerCommand,
  deregisterCommand,
  operationsCommand,
  introspectCommand,
  driftCommand,
  deadLettersCommand,
  expiryCommand,
  importCommand,
  auditCommand,
  whoAmICommand,
  doctorCommand,
  completionCommand,
];

const ABOUT = `Looks after a Rollcall registry by its HTTP API.

With --json, lists are JSON Lines (one document a line), everything else is one document. Results go to standard output, notes,
progress and errors to standard error.`;

const EXIT_CODES = `
Exit status:
  0   done, and nothing was found wrong
  1   the registry says no, or what was looked at is not as it should be
  2   the command line is wrong, or a file that it names cannot be read
  3   no registry is to be had now: worth another try
  4   the registry wants a token, or another one
  5   still under way, and the time to wait is over; or interrupted
  70  a mistake in the command itself

Environment: ROLLCALL_URL, ROLLCALL_TOKEN, ROLLCALL_TOKEN_FILE, NO_COLOR`;

/** Runs a command line; returns its exit status. Never throws. */
export async function runCli(args: readonly string[], terminal: Terminal, version: string): Promise<ExitCode> {
  let status: ExitCode = EXIT.ok;
  const begin: Begin =
    (run) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const options: GlobalOptions = command.optsWithGlobals();
      status = await run(openSession(options, terminal), options as never, command.args);
    };
  const output: string[] = [];
  const program = createProgram(begin, terminal, version, output);
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return await usageStatus(error, output, terminal);
    return await failed(error, { json: args.includes('--json'), colour: !args.includes('--no-color') }, terminal);
  }
}

/** Exported for completion, which is made from it. */
export function createProgram(begin: Begin, terminal: Terminal, version: string, output: string[] = []): Command {
  const program = new Command('rollcall')
    .description(paragraphs(ABOUT))
    .version(version, '--version', 'print the version')
    .option('--url <url>', 'where the registry is (default: ROLLCALL_URL, else http://127.0.0.1:3000)')
    .option(
      '--token <token>',
      'token for the registry (default: ROLLCALL_TOKEN); others can see it among the processes',
    )
    .option('--token-file <file>', 'file that holds the token (default: ROLLCALL_TOKEN_FILE)')
    .option('--timeout <seconds>', 'how long an answer may take', wholeNumber(1, 3600), 30)
    .option('--json', 'print JSON, for programs')
    .option('--no-color', 'print no colours')
    .helpOption('--help', 'show help')
    .showHelpAfterError('--help tells what there is.')
    .addHelpText('after', EXIT_CODES);
  for (const add of COMMANDS) add(program, begin);
  prepare(program, terminal, output);
  return program;
}

/** Settings that commander hands down only to commands that are added later than it is told of them. */
function prepare(command: Command, terminal: Terminal, output: string[]): void {
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.push(text),
      writeErr: (text) => output.push(text),
      getOutHelpWidth: () => terminal.out.columns ?? 120,
      getErrHelpWidth: () => terminal.err.columns ?? 120,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(false);
  for (const below of command.commands) prepare(below, terminal, output);
}

const SHOWN: readonly string[] = ['commander.helpDisplayed', 'commander.version'];

async function usageStatus({ code }: CommanderError, output: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const wanted = SHOWN.includes(code);
  await (wanted ? terminal.out : terminal.err).write(output.join(''));
  return wanted ? EXIT.ok : EXIT.usage;
}

async function failed(
  error: unknown,
  { json, colour }: { readonly json: boolean; readonly colour: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  if (!(error instanceof CommandFailure)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await terminal.err.write(`rollcall: a mistake of this command, please report it:\n${text}\n`);
    return EXIT.broken;
  }
  if (json) await terminal.err.write(`${JSON.stringify({ ...error.document, exitCode: error.code })}\n`);
  else {
    const mark = wantsColours({ isTTY: terminal.err.isTTY, asked: colour, env: terminal.env });
    await terminal.err.write(`${mark ? coloured('rollcall:', 'red') : 'rollcall:'} ${error.message}\n`);
  }
  return error.code;
}
