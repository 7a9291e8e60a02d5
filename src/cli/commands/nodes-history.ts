import type { HistoryItem } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { pages } from '../registry/pages.js';

type Options = { readonly limit?: number };

export const nodeHistory: Run<Options> = async ({ registry, screen }, { limit = null }, [nodeId = '']) => {
  const print = screen.list<HistoryItem>([
    { head: 'version', cell: ({ version }) => version },
    { head: 'when', cell: ({ occurredAt }) => occurredAt },
    { head: 'message', cell: ({ eventType }) => eventType },
    { head: 'rule', cell: ({ rule }) => rule },
    { head: 'states', cell: ({ path }) => path },
    { head: 'event', cell: ({ eventId }) => eventId },
  ]);
  const path = `/v1/nodes/${encodeURIComponent(nodeId)}/history`;
  for await (const items of pages<HistoryItem>(registry, path, {}, limit)) await print(items);
  return EXIT.ok;
};
