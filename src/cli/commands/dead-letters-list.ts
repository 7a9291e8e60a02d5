import type { DeadLetter } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { pages } from '../registry/pages.js';
import { filterOf, type FilterOptions } from './dead-letters-filter.js';

type Options = FilterOptions & {
  readonly redriven?: string;
  readonly quarantined?: string;
  readonly limit?: number;
};

export const listLetters: Run<Options> = async ({ registry, screen }, options) => {
  const { redriven, quarantined, limit = null } = options;
  const print = screen.list<DeadLetter>([
    { head: 'id', cell: ({ id }) => id },
    { head: 'when', cell: ({ occurredAt }) => occurredAt },
    { head: 'cause', cell: ({ cause }) => cause },
    { head: 'try', cell: ({ attempt }) => attempt },
    { head: 'node', cell: ({ nodeId }) => nodeId },
    {
      head: 'topic',
      cell: ({ originalTopic, originalPartition, originalOffset }) =>
        `${originalTopic}/${originalPartition}@${originalOffset}`,
    },
    {
      head: 'reason',
      cell: ({ reason, quarantined: held }) => (held ? `in quarantine: ${reason}` : reason),
      colour: ({ quarantined: held }) => (held ? 'red' : undefined),
    },
  ]);
  const query = { ...filterOf(options), redriven, quarantined };
  let count = 0;
  for await (const items of pages<DeadLetter>(registry, '/v1/dead-letters', query, limit)) {
    if (items.length > 0) await print(items);
    count += items.length;
  }
  if (count === 0 && !screen.json) await screen.note('no dead letter is like that');
  return EXIT.ok;
};
