import { deadLetterId } from '../../messages/index.js';
import { readDeadLetter } from '../../runtime/lanes/read-dead-letter.js';
import type { Invariant } from './invariant.js';

export const everyRubbishHasItsLetter: Invariant = {
  name: 'every-rubbish-has-its-letter',
  sentence:
    'In the end each record that cannot be read has its dead letter, which operators can read; nothing else has one.',
  watch: (world, breach) => ({
    atRest: () => {
      const letters = new Set<string>();
      for (const record of world.broker.all('dlq.v1')) {
        const read = readDeadLetter({
          ...record,
          topicName: world.names.full('dlq.v1'),
          offset: String(record.offset),
        });
        if (!read.ok) breach(`dlq.v1/${record.partition}@${record.offset} cannot be read: ${read.reason}`);
        else letters.add(read.letter.id);
      }
      const expected = new Set(
        [...world.rubbish].map((place) => {
          const [topic = '', partition = '', offset = ''] = place.split('/');
          return deadLetterId(`${world.names.prefix}.${topic}`, Number(partition), offset);
        }),
      );
      for (const id of expected) if (!letters.has(id)) breach(`the dead letter ${id} is missing`);
      for (const id of letters) if (!expected.has(id)) breach(`the dead letter ${id} is of no rubbish`);
    },
  }),
};
