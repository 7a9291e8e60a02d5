import { describe, expect, it } from '@jest/globals';
import { encode } from '../../src/messages/index.js';
import { REDRIVE_HEADER } from '../../src/runtime/index.js';
import { deadLetterOf } from '../../src/runtime/lanes/dead-letters.js';
import { takeIn } from '../../src/runtime/lanes/intake.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { readDeadLetter } from '../../src/runtime/lanes/read-dead-letter.js';
import { introspection } from '../support/builders.js';
import { machineNamed, Storage } from '../support/machines.js';
import { brokenRecord, inDeadLetterTopic } from './dead-letter-records.js';

const ANCESTOR = '8e4a2a62-8bd6-56d4-a8cd-85bd26c30557';

describe('the header of a redrive', () => {
  it('does not go on into what follows from the message, also when that is published again', () => {
    const machine = machineNamed('orchestrator');
    const storage = new Storage();
    const { appendedAt, ...message } = introspection(1);
    const record: LogRecord = {
      ...brokenRecord({ key: Buffer.from(message.payload.nodeId), value: Buffer.from(encode(message)), appendedAt }),
      headers: { [REDRIVE_HEADER]: ANCESTOR, traceparent: '00-trace-01' },
    };
    const { received } = takeIn([record], () => null, 'rollcall');
    for (const repeated of [0, 1]) {
      const decisions = storage.decide(machine, ...received);
      expect(decisions.repeated).toHaveLength(repeated);
      expect(decisions.outgoing.map(({ headers }) => Object.keys(headers))).toEqual([
        ['content-type', 'event_type', 'correlation_id', 'traceparent'],
      ]);
      expect(JSON.stringify([decisions.outgoing, decisions.entries])).not.toContain(ANCESTOR);
    }
  });

  it('is that of the dead letter, and not on the dead letter', () => {
    const letter = deadLetterOf(
      brokenRecord({ headers: { [REDRIVE_HEADER]: ANCESTOR } }),
      'malformed',
      'no',
      'rollcall',
    );
    expect(letter.headers).not.toHaveProperty(REDRIVE_HEADER);
    const read = readDeadLetter(inDeadLetterTopic({ value: Buffer.from(letter.value) }));
    expect(read).toMatchObject({ ok: true, letter: { redriveOf: ANCESTOR } });
  });

  it.each(['', 'x', `${ANCESTOR}0`, `{${ANCESTOR}}`, '\0', '\ud800'])('of %j is nothing', (header) => {
    const letter = deadLetterOf(brokenRecord({ headers: { [REDRIVE_HEADER]: header } }), 'malformed', 'no', 'rollcall');
    const read = readDeadLetter(inDeadLetterTopic({ value: Buffer.from(letter.value) }));
    expect(read).toMatchObject({ ok: true, letter: { redriveOf: null } });
  });
});
