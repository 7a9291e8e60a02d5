import { asAdmin, kafkaOf, topicEnds, type Offsets } from './kafka.js';
import type { Outgoing } from '../../client/kafka/sender.js';

/** Together far below the broker's limit of 1 MiB for the part of a request that goes to one partition. */
const IN_REQUEST = 2000;
const REQUESTS_AT_ONCE = 4;

/** Appends records of one topic as fast as the broker takes them. Gives where the topic ended before. */
export async function appendBacklog(brokers: readonly string[], records: readonly Outgoing[]): Promise<Offsets> {
  const [first] = records;
  if (first === undefined) return new Map();
  const kafka = kafkaOf(brokers);
  const before = await asAdmin(kafka, (admin) => topicEnds(admin, first.topic));
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    let next = 0;
    const append = async (): Promise<void> => {
      while (next < records.length) {
        const some = records.slice(next, (next += IN_REQUEST));
        await producer.send({ topic: first.topic, acks: -1, messages: some.map(({ message }) => message) });
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, append));
  } finally {
    await producer.disconnect();
  }
  return before;
}
