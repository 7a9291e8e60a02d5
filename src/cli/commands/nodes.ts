import { Option, type Command } from 'commander';
import { collected, examples, wholeNumber, type Begin } from '../command.js';
import { NODE_STATES, NODE_TYPES } from '../registry/words.js';
import { explainNode, getNode } from './nodes-get.js';
import { nodeHistory } from './nodes-history.js';
import { listNodes } from './nodes-list.js';
import { watchNodes } from './nodes-watch.js';

const AS_OF = ['--as-of <time>', 'as it was at this moment, such as 2026-11-21T08:00:00Z'] as const;
const LIMIT = ['--limit <n>', 'most that are listed (default: all of them)', wholeNumber(1, 10_000_000)] as const;

/** `rollcall nodes …`: what is in the registry. */
export function nodesCommand(parent: Command, begin: Begin): void {
  const nodes = parent.command('nodes').description('what is in the registry, and what happens to it');
  addList(nodes, begin);
  const get = nodes
    .command('get')
    .description('one node')
    .argument('<id>', 'id of the node')
    .option(...AS_OF);
  examples(get.action(begin(getNode)), [['rollcall nodes get billing-7', 'its record and state']]);
  const history = nodes
    .command('history')
    .description('every message that the workflow of a node got, and what became of it, the oldest first')
    .argument('<id>', 'id of the node')
    .option(...LIMIT);
  examples(history.action(begin(nodeHistory)), [
    ['rollcall nodes history billing-7 --json | jq -r .eventType', 'the types of its messages'],
  ]);
  const explain = nodes
    .command('explain')
    .description('why a node is in its state, and what comes next')
    .argument('<id>', 'id of the node')
    .option(...AS_OF);
  examples(explain.action(begin(explainNode)), [
    ['rollcall nodes explain billing-7 --as-of 2026-11-21T08:00:00Z', 'why it was in its state then'],
  ]);
  addWatch(nodes, begin);
}

function addList(nodes: Command, begin: Begin): void {
  const list = nodes
    .command('list')
    .description('the nodes, in the order of their ids')
    .addOption(new Option('--state <state>', 'only nodes in this state').choices(NODE_STATES))
    .addOption(new Option('--type <type>', 'only nodes of this type').choices(NODE_TYPES))
    .option('--capability <tag>', 'only nodes with this capability')
    .option('-q, --query <text>', 'only nodes with this text in their id or a capability')
    .option(...AS_OF)
    .option(...LIMIT);
  examples(list.action(begin(listNodes)), [
    ['rollcall nodes list --state active --capability invoices', 'who can be asked for invoices'],
    ['rollcall nodes list --json | jq -r .nodeId', 'all ids'],
  ]);
}

function addWatch(nodes: Command, begin: Begin): void {
  const watch = nodes
    .command('watch')
    .description(
      'what happens to the nodes, as it happens, until Ctrl-C; goes on where it was when the connection breaks',
    )
    .argument('[id]', 'of this node only')
    .option('--event <type>', 'only events of this type, such as NODE_BECAME_ACTIVE; may be repeated', collected)
    .option('--from <cursor>', 'begin behind this position, which --json prints with each event')
    .option('--count <n>', 'end after so many events', wholeNumber(1, 10_000_000));
  examples(watch.action(begin(watchNodes)), [
    ['rollcall nodes watch billing-7', 'its events'],
    ['rollcall nodes watch --event NODE_LIVENESS_EXPIRED --json', 'who falls silent, for a program'],
  ]);
}
