/**
 * The heartbeats of a fleet, from a process of their own, each node's at its interval and all spread evenly. Asked to `add` and to
 * `silence` nodes (lists of ids), and to `count`.
 */
import { Sender } from '../../client/kafka/sender.js';
import { errorText } from '../../messages/index.js';
import { serve } from '../children/serve.js';
import { BeatWheel } from './beat-wheel.js';
import type { HeartbeatCount, HeartbeatSettings } from './heartbeat-load.js';
import { kafkaOf } from './kafka.js';
import { NodeMessages } from './node-messages.js';

const SLOT_MS = 20;

await serve(async ({ brokers, topicPrefix, intervalMs }: HeartbeatSettings) => {
  const producer = kafkaOf(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = new NodeMessages(topicPrefix);
  const wheel = new BeatWheel(intervalMs, SLOT_MS, performance.now());
  let failure: unknown;
  let sent = 0;
  let slowestMs = 0;
  const fail = (error: unknown): void => void (failure ??= error);
  const sender = new Sender(producer, fail);

  const timer = setInterval(() => {
    const at = performance.now();
    const due = wheel.due(at);
    if (due.length === 0) return;
    sender.send(due.map((nodeId) => messages.heartbeat(nodeId))).then(() => {
      sent += due.length;
      slowestMs = Math.max(slowestMs, performance.now() - at);
    }, fail);
  }, SLOT_MS);

  const count = (): HeartbeatCount => {
    if (failure !== undefined) throw new Error(`heartbeats cannot be sent: ${errorText(failure)}`);
    const counted = { sent, slowestMs };
    sent = slowestMs = 0;
    return counted;
  };
  return {
    answers: {
      add: (nodeIds) => wheel.add(nodeIds as string[]),
      silence: (nodeIds) => wheel.silence(nodeIds as string[]),
      count,
    },
    close: async () => {
      clearInterval(timer);
      sender.close();
      await producer.disconnect();
    },
  };
});
