import { beforeEach, describe, expect, it } from '@jest/globals';
import { decode, encode, headersOf, type Message, type TopicSuffix } from '../../src/messages/index.js';
import type { Received } from '../../src/runtime/lanes/intake.js';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import type { Sent } from '../../src/runtime/lanes/local-delivery.js';
import { consulHolds } from '../support/builders.js';
import { byHand, LocalLog, turn } from '../support/local-log.js';

const TOPIC: TopicSuffix = 'evt.registry-effect-result.v1';
const ELSEWHERE: TopicSuffix = 'evt.node-became-active.v1';

/** A result that is published with what it says. */
function result(n: number, nodeId = 'node-1'): Sent & { readonly message: Message } {
  const { appendedAt: _, ...sent } = consulHolds(n, 1);
  const message = { ...sent, payload: { ...sent.payload, nodeId } } as Message;
  return { topic: TOPIC, key: nodeId, value: encode(message), headers: headersOf(message, '00-trace-01'), message };
}

function unread({ topic, key, value, headers }: Sent): Sent {
  return { topic, key, value, headers };
}

/** The record at the first place of its partition. */
function standing(sent: Sent): LogRecord {
  const log = new LocalLog();
  log.append([sent]);
  return log.records[0]!;
}

describe('local delivery', () => {
  let log: LocalLog;
  let handedOver: Received[];
  /** What becomes of the next that is handed over. */
  let taking: () => Promise<void> | null;

  beforeEach(() => {
    log = new LocalLog();
    handedOver = [];
    taking = () => Promise.resolve();
    log.delivery.serve([TOPIC], (received) => {
      const fate = taking();
      if (fate !== null) handedOver.push(...received);
      return fate;
    });
  });

  const unseen = async (partition = 0, from = 0): Promise<readonly string[]> =>
    (await log.delivery.unseen(log.read(TOPIC, partition, from))).map(({ offset }) => offset);

  it('hands over what stands in the log, as it would be read from there', async () => {
    await log.delivery.publish([result(1), result(2)]);
    const read = log.read(TOPIC).map((record) => {
      const decoded = decode(TOPIC, record);
      if (!decoded.ok) throw new Error(decoded.reason);
      const { message, text } = decoded;
      return { message: { ...message, appendedAt: record.appendedAt }, text, traceparent: '00-trace-01' };
    });
    expect(handedOver.map(({ message, text, traceparent }) => ({ message, text, traceparent }))).toEqual(read);
    const fields = ({ topic, topicName, partition, offset, key, value, headers, appendedAt }: Received['record']) => ({
      ...{ topic, topicName, partition, offset, key, value, headers, appendedAt },
    });
    expect(handedOver.map(({ record }) => fields(record))).toEqual(log.read(TOPIC));
  });

  it('passes over the copies that come back, and gives what others have published', async () => {
    log.append([result(1)]);
    await log.delivery.publish([result(2), result(3)]);
    log.append([result(4)]);
    expect(await unseen()).toEqual(['0', '3']);
  });

  it('passes over what its consumer has taken before it was published', async () => {
    await log.delivery.publish([{ ...unread(result(1)), taken: true }, unread(result(2))]);
    expect(handedOver).toEqual([]);
    expect(await unseen()).toEqual(['1']);
  });

  it('hands over nothing that nobody here reads, or whose consumer is elsewhere', async () => {
    log.isReadHere = (_topic, key) => key === 'node-1';
    await log.delivery.publish([result(1), result(2, 'node-2'), { ...result(3), topic: ELSEWHERE }]);
    expect(handedOver.map(({ message }) => message.eventId)).toEqual([result(1).message.eventId]);
    expect(await unseen()).toEqual(['1']);
  });

  it('hands over nothing before it stands in the log, and nothing at all where the log does not take it', async () => {
    const publish = byHand();
    log.onPublish = () => publish.promise;
    const published = log.delivery.publish([result(1)]);
    await turn();
    expect(handedOver).toEqual([]);
    publish.reject(new Error('no broker'));
    await expect(published).rejects.toThrow('no broker');
    expect(handedOver).toEqual([]);
  });

  it('is published although what was handed over is still worked on', async () => {
    taking = () => byHand().promise;
    await log.delivery.publish([result(1)]);
    expect(handedOver).toHaveLength(1);
  });

  describe('a copy that is read', () => {
    it('before the publish has answered waits for the answer', async () => {
      const answer = byHand();
      const early = result(1);
      log.onPublish = () => answer.promise;
      const published = log.delivery.publish([early]);
      // It stands in the log already; the answer is on its way.
      let given: readonly unknown[] | undefined;
      const asked = log.delivery.unseen([standing(early)]).then((records) => (given = records));
      await turn();
      expect(given).toBeUndefined();
      answer.resolve();
      await published;
      await asked;
      expect(given).toEqual([]);
    });

    it('is given where the answer to the publish was lost', async () => {
      const answer = byHand();
      log.onPublish = async (records) => {
        log.append(records);
        await answer.promise;
      };
      const published = log.delivery.publish([result(1)]);
      const asked = unseen();
      answer.reject(new Error('timeout'));
      await expect(published).rejects.toThrow('timeout');
      expect(await asked).toEqual(['0']);
    });

    it('waits until what was handed over is done', async () => {
      const work = byHand();
      taking = () => work.promise;
      await log.delivery.publish([result(1)]);
      let given: readonly string[] | undefined;
      const asked = unseen().then((offsets) => (given = offsets));
      await turn();
      expect(given).toBeUndefined();
      work.resolve();
      await asked;
      expect(given).toEqual([]);
    });

    it('is given where what was handed over has failed', async () => {
      taking = () => Promise.reject(new Error('no database'));
      await log.delivery.publish([result(1)]);
      taking = () => Promise.resolve();
      await log.delivery.publish([result(2)]);
      expect(await unseen()).toEqual(['0']);
    });

    it('is given where its consumer did not take it', async () => {
      taking = () => null;
      await log.delivery.publish([result(1)]);
      taking = () => Promise.resolve();
      await log.delivery.publish([result(2)]);
      expect(handedOver).toHaveLength(1);
      expect(await unseen()).toEqual(['0']);
    });

    it('is given where its consumer did not take it, whatever another consumer took of the same publish', async () => {
      const others: Received[] = [];
      log.delivery.serve([ELSEWHERE], (received) => {
        others.push(...received);
        return Promise.resolve();
      });
      taking = () => null;
      await log.delivery.publish([result(1), { ...result(2), topic: ELSEWHERE }]);
      expect(others).toHaveLength(1);
      expect(await log.delivery.unseen(log.read(ELSEWHERE))).toEqual([]);
    });

    it('is given where it was appended at another time: it is another record, in a topic that was made anew', async () => {
      await log.delivery.publish([result(1), { ...unread(result(2)), taken: true }, result(3)]);
      const copies = log.read(TOPIC);
      const others = copies.map((copy) => ({ ...copy, appendedAt: copy.appendedAt + 60_000 }));
      expect(await log.delivery.unseen(others)).toEqual(others);
      expect(await log.delivery.unseen(copies)).toEqual([]);
    });

    it('again, as its batch has failed, is passed over again', async () => {
      await log.delivery.publish([result(1), result(2)]);
      log.append([result(3)]);
      expect(await unseen()).toEqual(['2']);
      expect(await unseen()).toEqual(['2']);
    });

    it('again after later ones is given: it is forgotten, and told by the journal', async () => {
      await log.delivery.publish([result(1), result(2)]);
      expect(await unseen(0, 1)).toEqual([]);
      expect(await unseen(0, 0)).toEqual(['0']);
    });
  });

  it('tells partitions apart', async () => {
    log.partitionOf = (key) => Number(key.slice(-1));
    await log.delivery.publish([result(1, 'node-1')]);
    log.append([result(2, 'node-2')]);
    expect(await unseen(1)).toEqual([]);
    expect(await unseen(2)).toEqual(['0']);
  });

  it('forgets the oldest of more copies than it keeps, and they are given', async () => {
    const many = 200_001;
    const one = { ...unread(result(1)), taken: true };
    const first = standing(one);
    const { partition, appendedAt } = first;
    log.append = (records) => records.map((_, offset) => ({ partition, offset, appendedAt }));
    await log.delivery.publish(Array.from({ length: many }, () => one));
    const given = await log.delivery.unseen([
      { ...first, offset: '0' },
      { ...first, offset: '1' },
    ]);
    expect(given.map(({ offset }) => offset)).toEqual(['0']);
  });
});
