import { describe, expect, it } from '@jest/globals';
import { KafkaFrames } from '../../src/chaos/world/kafka-frames.js';

const METADATA = 3;
const FETCH = 1;
const BROKER = 29_092;
const DOOR = 12_345;

function frame(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function numbers(...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeIntBE(value, 0, bytes);
      return field;
    }),
  );
}

const request = (api: number, correlation: number) =>
  frame(numbers([2, api], [2, 1], [4, correlation]), Buffer.from('rest'));
const address = (port: number) => Buffer.concat([numbers([2, 9]), Buffer.from('127.0.0.1'), numbers([4, port])]);
const response = (correlation: number, port: number) =>
  frame(numbers([4, correlation]), Buffer.from('before'), address(port), Buffer.from('behind'), address(port));

describe('answers of Kafka on their way', () => {
  it('names the door in place of the broker, wherever metadata name it', () => {
    const frames = new KafkaFrames(BROKER, DOOR);
    expect(frames.request(request(METADATA, 7))).toEqual(request(METADATA, 7));
    expect(frames.response(response(7, BROKER))).toEqual(response(7, DOOR));
  });

  it('leaves other brokers and other answers alone, records with an address in them above all', () => {
    const frames = new KafkaFrames(BROKER, DOOR);
    frames.request(Buffer.concat([request(METADATA, 1), request(FETCH, 2)]));
    expect(frames.response(response(1, 9092))).toEqual(response(1, 9092));
    expect(frames.response(response(2, BROKER))).toEqual(response(2, BROKER));
  });

  it('does so however the stream is cut', () => {
    const asked = Buffer.concat([request(METADATA, 1), request(FETCH, 2), request(METADATA, 3)]);
    const answered = Buffer.concat([response(1, BROKER), response(2, BROKER), response(3, BROKER)]);
    for (const size of [1, 3, 16, 1000]) {
      const frames = new KafkaFrames(BROKER, DOOR);
      expect(Buffer.concat(pieces(asked, size).map((piece) => frames.request(piece)))).toEqual(asked);
      expect(Buffer.concat(pieces(answered, size).map((piece) => frames.response(piece)))).toEqual(
        Buffer.concat([response(1, DOOR), response(2, BROKER), response(3, DOOR)]),
      );
    }
  });
});

function pieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}
