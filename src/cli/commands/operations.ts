import type { Command } from 'commander';
import type { Operation } from '../../api-answers/answers.js';
import { examples, wholeNumber, type Begin, type Run } from '../command.js';
import { EXIT, type ExitCode } from '../exit.js';
import { fields, Table } from '../output/table.js';
import { awaitOperation } from '../registry/await-operation.js';

type Options = { readonly wait?: number };

/** `rollcall operations …`: what became of a command. */
export function operationsCommand(parent: Command, begin: Begin): void {
  const operations = parent.command('operations').description('what became of a command');
  const get = operations
    .command('get')
    .description('one operation, with the steps that its node took; they can be asked for during 7 days')
    .argument('<id>', 'id of the operation')
    .option('--wait <seconds>', 'how long to wait until it is decided', wholeNumber(0, 3600));
  examples(get.action(begin(getOperation)), [
    ['rollcall operations get 01a1fe24-0983-73a5-8bef-4d49f90ab7d2 --wait 60', 'waits a minute at most'],
  ]);
}

const getOperation: Run<Options> = async ({ registry, screen }, { wait = 0 }, [id = '']) => {
  const operation = await awaitOperation(registry, id, Date.now() + wait * 1000);
  const { kind, nodeId, status, reason, steps } = operation;
  const table = new Table<Operation['steps'][number]>(
    [
      { head: 'when', cell: ({ occurredAt }) => occurredAt },
      { head: 'message', cell: ({ eventType }) => eventType },
      { head: 'rule', cell: ({ rule }) => rule },
      { head: 'states', cell: ({ path }) => path },
    ],
    { colours: screen.colours, columns: undefined },
  );
  await screen.document(operation, [
    ...fields([
      ['operation', operation.id],
      ['is to', `${kind} ${nodeId}`],
      ['status', reason === undefined ? status : `${status}: ${reason}`],
    ]),
    ...(steps.length === 0 ? [] : ['', ...table.lines(steps)]),
  ]);
  return codeOf(status, wait);
};

/** Without `--wait` it is a look, and a pending operation is nothing unusual. */
function codeOf(status: Operation['status'], wait: number): ExitCode {
  if (status === 'pending') return wait > 0 ? EXIT.unfinished : EXIT.ok;
  return status === 'failed' ? EXIT.refused : EXIT.ok;
}
