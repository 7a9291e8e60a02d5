import type { Command } from 'commander';
import { examples, type Begin, type Run } from '../command.js';
import { EXIT } from '../exit.js';

/** `rollcall introspect`: asks nodes to say what they are. */
export function introspectCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('introspect')
    .description('ask a node, or all of them, to introduce itself again')
    .argument('[id]', 'id of the node (default: all nodes)');
  examples(command.action(begin(introspect)), [['rollcall introspect billing-7', 'asks one node']]);
}

const introspect: Run<object> = async ({ registry, screen }, _options, [targetNodeId]) => {
  const { body } = await registry.ask<{ readonly eventId: string }>({
    method: 'POST',
    path: '/v1/introspection-requests',
    body: { targetNodeId },
  });
  await screen.document(body, [`${targetNodeId ?? 'every node'} is asked to introduce itself (event ${body.eventId})`]);
  return EXIT.ok;
};
