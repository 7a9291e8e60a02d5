import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';

/** Hands all that a fetch brought, of all partitions, to `work` at once; commits when it is done. */
export async function consume(
  kafka: Kafka,
  groupId: string,
  topic: string,
  work: (messages: readonly KafkaMessage[]) => Promise<void>,
): Promise<Consumer> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500, allowAutoTopicCreation: false });
  let payloads: EachBatchPayload[] = [];
  let turn: Promise<void> | undefined;
  const take = async (): Promise<void> => {
    await endOfTurn(); // kafkajs hands the batches of a fetch over in one turn
    const taken = payloads;
    payloads = [];
    turn = undefined;
    await work(taken.flatMap(({ batch }) => batch.messages));
    for (const payload of taken) payload.resolveOffset(payload.batch.lastOffset());
    await taken[0]?.commitOffsetsIfNecessary(taken[0].uncommittedOffsets()); // those of all partitions
  };
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: (payload) => {
      payloads.push(payload);
      return (turn ??= take());
    },
  });
  await joined;
  return consumer;
}
