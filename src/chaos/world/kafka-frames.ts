/** Requests of Kafka's protocol whose answers name brokers by address. */
const METADATA = 3;
const FIND_COORDINATOR = 10;

/**
 * Kafka tells its clients where its brokers are, and they go there: past any proxy. Here the answers are changed on their way, so
 * that they name the proxy's port. Both ports are of 127.0.0.1; a port is four bytes behind the host's name, so no length
 * changes. For the versions that kafkajs speaks (no compact strings).
 */
export class KafkaFrames {
  private readonly asked = new Map<number, number>();
  private readonly requests = new Frames();
  private readonly responses = new Frames();
  private readonly from: Buffer;
  private readonly to: Buffer;

  constructor(brokerPort: number, proxyPort: number) {
    this.from = address(brokerPort);
    this.to = address(proxyPort);
  }

  /** From the client; passed on as it is, in whole frames. */
  request(chunk: Buffer): Buffer {
    const frames = this.requests.push(chunk);
    for (const frame of frames) this.asked.set(frame.readInt32BE(8), frame.readInt16BE(4));
    return Buffer.concat(frames);
  }

  /** From the broker. */
  response(chunk: Buffer): Buffer {
    const frames = this.responses.push(chunk);
    for (const frame of frames) {
      const correlation = frame.readInt32BE(4);
      const api = this.asked.get(correlation);
      this.asked.delete(correlation);
      if (api === METADATA || api === FIND_COORDINATOR) this.rewrite(frame);
    }
    return Buffer.concat(frames);
  }

  private rewrite(frame: Buffer): void {
    for (let at = frame.indexOf(this.from); at >= 0; at = frame.indexOf(this.from, at + this.to.length)) {
      this.to.copy(frame, at);
    }
  }
}

function address(port: number): Buffer {
  const host = '127.0.0.1';
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  bytes.write(host, 2);
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

/** Cuts a stream into frames: four bytes of length, and so many bytes. */
class Frames {
  private chunks: Buffer[] = [];
  private length = 0;

  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.length += chunk.length;
    const frames: Buffer[] = [];
    while (this.length >= 4) {
      const all = this.joined();
      const size = 4 + all.readInt32BE(0);
      if (all.length < size) break;
      frames.push(all.subarray(0, size));
      this.chunks = size < all.length ? [all.subarray(size)] : [];
      this.length -= size;
    }
    return frames;
  }

  private joined(): Buffer {
    const [first] = this.chunks;
    if (first !== undefined && this.chunks.length === 1) return first;
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}
