/**
 * `npm run replay`: folds the journal from empty through today's code and says what differs from what was stored, or writes it to a
 * file, from which a later release can do the same.
 */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../config.js';
import { errorText } from '../messages/index.js';
import { orchestratorComponent } from '../orchestrator/orchestrator.module.js';
import { reducerComponent } from '../reducer/reducer.module.js';
import { createMachine, DeclaredDifferences, verifyHistories, type Verified } from '../runtime/index.js';
import { DECLARED_DIFFERENCES } from './declared-differences.js';
import { FORMAT_VERSION } from './journal-file.js';
import { withJournal, type JournalSource } from './journal-source.js';
import { HELP, parseOptions, type Wanted } from './options.js';
import { writeJournalFile } from './write-journal-file.js';

const PROGRESS_EVERY = 1000;

const complain = (text: string): boolean => process.stderr.write(`${text}\n`);
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

const components = [orchestratorComponent, reducerComponent];

async function main(): Promise<number> {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (!parsed.ok) {
      for (const problem of parsed.problems) complain(problem);
      complain('npm run replay -- --help lists the options');
      return 1;
    }
    const { wanted } = parsed;
    if (wanted === 'help') {
      say(HELP);
      return 0;
    }
    const from = wanted.verify ? wanted.from : undefined;
    return await withJournal(from, wanted.nodeId, (source) =>
      wanted.verify ? verify(source, wanted) : write(source, wanted),
    );
  } catch (error) {
    complain(error instanceof ConfigError ? error.message : errorText(error, 4000));
    return 1;
  }
}

async function verify({ registryId, histories }: JournalSource, { json }: Wanted): Promise<number> {
  const verified = await verifyHistories(histories, {
    machines: components.map((component) => createMachine(component(), registryId)),
    declared: new DeclaredDifferences(DECLARED_DIFFERENCES),
    progress,
  });
  say(json ? JSON.stringify(verified, null, 2) : textOf(verified));
  return verified.problemCount === 0 ? 0 : 1;
}

async function write(
  { registryId, histories }: JournalSource,
  { json, to }: Extract<Wanted, { readonly verify: false }>,
): Promise<number> {
  const contracts = components.map((component) => component().contract);
  const header = {
    rollcallJournal: FORMAT_VERSION,
    rollcall: packageVersion(),
    registryId,
    contractVersions: Object.fromEntries(contracts.map(({ name, contract_version: version }) => [name, version])),
  } as const;
  const written = await writeJournalFile(to, header, histories, progress);
  const { states, entries } = written;
  say(
    json
      ? JSON.stringify({ file: to, ...written }, null, 2)
      : `${entries} entries of ${states} states written to ${to}`,
  );
  return 0;
}

function progress(states: number, entries: number): void {
  if (states % PROGRESS_EVERY === 0) complain(`${states} states, ${entries} entries`);
}

function textOf({ states, entries, problems, problemCount, declared }: Verified): string {
  const all = `${entries} entries of ${states} states folded`;
  const known = declared === 0 ? '' : ` but for ${declared} differences that this release declares`;
  if (problemCount === 0) return `${all}: every step and every state is as it was stored${known}`;
  const rest = problemCount > problems.length ? [`and ${problemCount - problems.length} more`] : [];
  return [`${all}, ${problemCount} differences:`, ...problems, ...rest].join('\n');
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

process.exitCode = await main();
