import type { Backend, TopicSuffix } from '../../messages/index.js';
import type { Progress, Transport } from '../transport.js';

type Reading = { readonly group: string; readonly topic: TopicSuffix };
type Ends = ReadonlyMap<Reading, readonly Progress[]>;

/** What has to be read before the registry knows what a backend was asked for and has confirmed. */
function readingsOf(backend: Backend): readonly Reading[] {
  return [
    { group: 'reducer', topic: 'evt.registry-effect-result.v1' },
    // What earlier audits found and nobody has acted upon yet is not to be asked for again.
    { group: 'reducer', topic: 'evt.registry-drift-detected.v1' },
    { group: backend, topic: backend === 'consul' ? 'intent.consul.v1' : 'intent.postgres.v1' },
  ];
}

/** Where the log ended at a moment, for one backend. */
export class LogView {
  private constructor(
    private readonly transport: Pick<Transport, 'progress'>,
    private readonly ends: Ends | null,
  ) {}

  /** Never rejects: where the log cannot be reached, consumers count as behind. */
  static async open(transport: Pick<Transport, 'progress'>, backend: Backend): Promise<LogView> {
    try {
      const ends = new Map<Reading, readonly Progress[]>();
      for (const reading of readingsOf(backend)) {
        ends.set(reading, await transport.progress(reading.group, reading.topic));
      }
      return new LogView(transport, ends);
    } catch {
      return new LogView(transport, null);
    }
  }

  /** Consumers that have not come to the end that was there when this was opened, as `group of topic`. Never rejects. */
  async behind(): Promise<readonly string[]> {
    if (this.ends === null) return ['the log did not tell how far its consumers are'];
    try {
      const behind: string[] = [];
      for (const [{ group, topic }, ends] of this.ends) {
        if (hasRead(ends, ends) || hasRead(ends, await this.transport.progress(group, topic))) continue;
        behind.push(`${group} of ${topic}`);
      }
      return behind;
    } catch {
      return ['the log does not tell how far its consumers are'];
    }
  }
}

function hasRead(ends: readonly Progress[], now: readonly Progress[]): boolean {
  const committed = new Map(now.map(({ partition, committed }) => [partition, committed]));
  return ends.length > 0 && ends.every(({ partition, end }) => (committed.get(partition) ?? -1n) >= end);
}
