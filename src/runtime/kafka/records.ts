import type { EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { TopicNames, TopicSuffix } from '../../messages/index.js';
import type { LogRecord } from '../lanes/lane.js';
import { FetchedMessage } from './tuned/fetched-message.js';

type Batch = EachBatchPayload['batch'];

/** What was fetched from one partition, in its order, as the rest of the program sees records. Values stay as they are. */
export function recordsOf(
  names: TopicNames,
  { topic, partition, messages }: Pick<Batch, 'topic' | 'partition' | 'messages'>,
): readonly LogRecord[] {
  const suffix = names.suffix(topic);
  return messages.map((message) => new FetchedRecord(suffix, topic, partition, message));
}

/** Key, value and headers are read from the message when they are asked for, and then kept. */
class FetchedRecord implements LogRecord {
  readonly offset: string;
  readonly appendedAt: number;
  private keyRead: Buffer | null | undefined;
  private valueRead: Buffer | null | undefined;
  private headersRead: LogRecord['headers'] | undefined;

  constructor(
    readonly topic: TopicSuffix,
    readonly topicName: string,
    readonly partition: number,
    private readonly message: KafkaMessage,
  ) {
    this.offset = message.offset;
    this.appendedAt = Number(message.timestamp);
  }

  get key(): Buffer | null {
    return this.keyRead === undefined ? (this.keyRead = this.message.key) : this.keyRead;
  }

  get value(): Buffer | null {
    return this.valueRead === undefined ? (this.valueRead = this.message.value) : this.valueRead;
  }

  get headers(): LogRecord['headers'] {
    const { message } = this;
    return (this.headersRead ??= message instanceof FetchedMessage ? message.texts : textHeaders(message.headers));
  }
}

function textHeaders(headers: IHeaders | undefined): Record<string, string | readonly string[]> {
  if (headers === undefined) return {};
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.map(String) : String(value)] as const],
    ),
  );
}
