import type { LogRecord, Position } from '../lanes/lane.js';

/** Nodes that are remembered; one that is forgotten is told of once more than needed. */
const MAX_REMEMBERED = 20_000;

type Published = { readonly version: number; readonly at: Position | undefined };

/**
 * What this process has published of nodes last. Spares a second snapshot of the same version, and nothing rests on it: another
 * process may have published since.
 */
export class PublishedVersions {
  private readonly last = new Map<string, Published>();

  constructor(private readonly limit: number = MAX_REMEMBERED) {}

  add(nodeId: string, version: number, at: Position | undefined): void {
    this.last.delete(nodeId);
    this.last.set(nodeId, { version, at });
    if (this.last.size <= this.limit) return;
    for (const oldest of this.last.keys()) {
      this.last.delete(oldest);
      break;
    }
  }

  isThat(nodeId: string, version: number): boolean {
    return this.last.get(nodeId)?.version === version;
  }

  /** Whether behind the record, in its partition, there already is ours of the version: that one is yet to be read back. */
  isBehind(nodeId: string, version: number, { partition, offset }: Pick<LogRecord, 'partition' | 'offset'>): boolean {
    const own = this.last.get(nodeId);
    return own?.version === version && own.at?.partition === partition && own.at.offset > Number(offset);
  }
}
