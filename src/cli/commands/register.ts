import { Option, type Command } from 'commander';
import { collected, examples, wholeNumber, type Begin, type Run } from '../command.js';
import { NODE_TYPES } from '../registry/words.js';
import { recordOf, type RecordOptions } from './record.js';
import { sendCommand } from './send-command.js';

type Options = RecordOptions & { readonly wait: number; readonly idempotencyKey?: string };

/** `rollcall register`: a node by hand, from a file, or both. */
export function registerCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('register')
    .description('register a node, or change its record: the whole record is sent, what is left out is gone')
    .argument('[id]', 'id of the node, if the file does not say it')
    .option(
      '--file <file>',
      'JSON or YAML with the fields of POST /v1/nodes, - for standard input; options go before it',
    )
    .addOption(new Option('--type <type>', 'what kind of node it is').choices(NODE_TYPES))
    .option('--node-version <semver>', 'its version, such as 1.4.0')
    .option('--capability <tag>', 'what it can do; may be repeated', collected)
    .option('--endpoint <name=url>', 'where it is, such as api=http://10.0.0.7:8080; may be repeated', collected)
    .option('--metadata <name=value>', 'anything else, the value as JSON or text; may be repeated', collected)
    .option('--health-endpoint <url>', 'where its health can be asked for')
    .option('--incarnation <n>', 'number of its start', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .addOption(
      new Option('--acknowledgement <how>', 'whether it has to say that it is ready (default: waived)').choices([
        'required',
        'waived',
      ]),
    )
    .addOption(
      new Option('--liveness <how>', 'whether it owes heartbeats (default: none)').choices(['heartbeat', 'none']),
    )
    .option('--idempotency-key <key>', 'a request with the same key within 24 hours is the same request')
    .option('--wait <seconds>', 'how long to wait for the outcome; 0: not at all', wholeNumber(0, 3600), 30);
  examples(command.action(begin(register)), [
    ['rollcall register billing-7 --type effect --capability invoices --endpoint api=http://10.0.0.7:8080', 'by hand'],
    ['rollcall register --file billing-7.yaml', 'from a file'],
  ]);
}

const register: Run<Options> = async (session, options, [nodeId]) => {
  const body = await recordOf(options, nodeId, session.terminal);
  const { idempotencyKey, wait } = options;
  return sendCommand(session, {
    nodeId: String(body['nodeId']),
    done: 'is registered',
    waitSeconds: wait,
    request: {
      method: 'POST',
      path: '/v1/nodes',
      body,
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    },
  });
};
