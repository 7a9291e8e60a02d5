import type { Node } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { ageOf } from '../output/ages.js';
import { colourOfState } from '../output/colours.js';
import type { Column } from '../output/table.js';
import { pages } from '../registry/pages.js';

export type ListOptions = {
  readonly state?: string;
  readonly type?: string;
  readonly capability?: string;
  readonly query?: string;
  readonly asOf?: string;
  readonly limit?: number;
};

export const listNodes: Run<ListOptions> = async ({ registry, screen, terminal }, options) => {
  const { state, type: nodeType, capability, query: q, asOf, limit = null } = options;
  const print = screen.list(columnsAt(terminal.now()));
  let count = 0;
  for await (const items of pages<Node>(registry, '/v1/nodes', { state, nodeType, capability, q, asOf }, limit)) {
    if (items.length > 0) await print(items);
    count += items.length;
  }
  if (count === 0 && !screen.json) await screen.note('no node is like that');
  return EXIT.ok;
};

function columnsAt(now: number): readonly Column<Node>[] {
  return [
    { head: 'node', cell: ({ nodeId }) => nodeId },
    { head: 'type', cell: ({ nodeType }) => nodeType },
    { head: 'version', cell: ({ nodeVersion }) => nodeVersion },
    {
      head: 'state',
      cell: ({ state, degraded }) => (degraded ? `${state}, degraded` : state),
      colour: ({ state, degraded }) => (degraded ? 'yellow' : colourOfState(state)),
    },
    { head: 'rev', cell: ({ revision }) => revision },
    { head: 'heard', cell: ({ lastHeartbeatAt }) => ageOf(lastHeartbeatAt, now) },
    { head: 'changed', cell: ({ updatedAt }) => ageOf(updatedAt, now) },
    { head: 'capabilities', cell: ({ capabilities }) => tagsOf(capabilities) || '-' },
  ];
}

/** As the registry finds a node by them: names that are neither false nor null. */
export function tagsOf(capabilities: Node['capabilities']): string {
  return Object.entries(capabilities)
    .filter(([, value]) => value !== false && value !== null)
    .map(([name]) => name)
    .join(' ');
}
