import type { Command } from 'commander';
import { examples, wholeNumber, type Begin, type Run } from '../command.js';
import { sendCommand } from './send-command.js';

type Options = { readonly reason?: string; readonly wait: number; readonly idempotencyKey?: string };

/** `rollcall deregister`: takes a node out. */
export function deregisterCommand(parent: Command, begin: Begin): void {
  const command = parent
    .command('deregister')
    .description('take a node out of the registry; its record and history stay')
    .argument('<id>', 'id of the node')
    .option('--reason <text>', 'why; stands in its history')
    .option('--idempotency-key <key>', 'a request with the same key within 24 hours is the same request')
    .option('--wait <seconds>', 'how long to wait for the outcome; 0: not at all', wholeNumber(0, 3600), 30);
  examples(command.action(begin(deregister)), [
    ['rollcall deregister billing-7 --reason "replaced by billing-9"', 'says why'],
  ]);
}

const deregister: Run<Options> = async (session, { reason, wait, idempotencyKey }, [nodeId = '']) =>
  sendCommand(session, {
    nodeId,
    done: 'is deregistered',
    waitSeconds: wait,
    request: {
      method: 'DELETE',
      path: `/v1/nodes/${encodeURIComponent(nodeId)}`,
      query: { reason },
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    },
  });
