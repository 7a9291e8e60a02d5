import type { Invariant } from './invariant.js';
import type { Seen } from './observer.js';

export const sameIdSameBytes: Invariant = {
  name: 'same-id-same-bytes',
  sentence:
    'Two messages in the log with one event_id are the same to the byte; results of effects may differ in duration_ms.',
  watch: (world, breach) => {
    const values = new Map<string, string>();
    return {
      appended: (record) => {
        if (record.message === null || world.rubbish.has(`${record.topic}/${record.partition}/${record.offset}`))
          return;
        const { event_id: id, event_type: type } = record.message;
        const text = `${record.topic} ${textOf(record)}`;
        const known = values.get(id);
        if (known === undefined) values.set(id, text);
        else if (known !== text) breach(`${type} ${id} is there with other bytes: ${known} / ${text}`);
      },
    };
  },
};

function textOf({ topic, value, message }: Seen): string {
  if (topic !== 'evt.registry-effect-result.v1' || message === null) return value?.toString() ?? '';
  return JSON.stringify({ ...message, payload: { ...message.payload, duration_ms: 0 } });
}
