import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { TopicNames } from '../../messages/index.js';
import type { LogRecord } from '../lanes/lane.js';

type Batch = EachBatchPayload['batch'];

/** What was fetched from one partition, in its order, as the rest of the program sees records. Values stay as they are. */
export function recordsOf(names: TopicNames, { topic, partition, messages }: Batch): readonly LogRecord[] {
  const suffix = names.suffix(topic);
  return messages.map(({ offset, key, value, headers, timestamp }: KafkaMessage) => ({
    topic: suffix,
    topicName: topic,
    partition,
    offset,
    key,
    value,
    headers: textHeaders(headers),
    appendedAt: Number(timestamp),
  }));
}

function textHeaders(headers: IHeaders | undefined): Record<string, string | readonly string[]> {
  if (headers === undefined) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.map(String) : String(value)] as const],
    ),
  );
}
