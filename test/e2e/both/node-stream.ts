import { EventEmitter, once } from 'node:events';

/** An event as a node hears it. `id` is null for what is passed on without a place in the node's own course. */
export type Told = {
  readonly id: string | null;
  readonly type: string;
  readonly data: string;
  readonly envelope: {
    readonly event_id: string;
    readonly correlation_id: string;
    readonly causation_id: string | null;
    readonly payload: Readonly<Record<string, unknown>>;
  };
};

const PATIENCE_MS = 60_000;
const UP_TO_DATE = ': up to date';

/** One connection to a node's event stream, read as its standard says, and by nothing of the registry's own client. */
export class NodeStream {
  readonly told: Told[] = [];
  /** Last id that was heard, of the opening too: where the next connection goes on. */
  position = '';
  private isUpToDate = false;
  private isOver = false;
  private readonly change = new EventEmitter();
  private readonly controller = new AbortController();

  static async open(url: string, nodeId: string, lastEventId?: string): Promise<NodeStream> {
    const stream = new NodeStream();
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const { signal } = stream.controller;
    const response = await fetch(`${url}/v1/nodes/${nodeId}/events`, { headers, signal });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`${response.status} ${await response.text()}`);
    }
    void stream.read(response.body);
    return stream;
  }

  close(): void {
    this.controller.abort();
  }

  /** What has a place in the node's course: requests of the whole registry come when they come. */
  get course(): readonly Told[] {
    return this.told.filter(({ id }) => id !== null);
  }

  /** The event number `count` of a type in the node's course. */
  async until(type: string, count = 1): Promise<Told> {
    const found = (): Told | undefined => this.course.filter((event) => event.type === type)[count - 1];
    await this.when(() => found() !== undefined, `${type} number ${count}`);
    return found() as Told;
  }

  /** Everything has been heard that had happened before the connection was made. */
  async upToDate(): Promise<void> {
    await this.when(() => this.isUpToDate, 'to be up to date');
  }

  /** The registry has ended it. */
  async ended(): Promise<void> {
    await this.when(() => this.isOver, 'the end of the stream');
  }

  private async when(holds: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!holds()) {
      await once(this.change, 'heard', { signal }).catch(() => {
        const heard = this.told.map(({ type }) => type).join(', ');
        throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}; heard ${heard || 'nothing'}`);
      });
    }
  }

  private async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const bytes of body) {
        const frames = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) this.hear(frame);
        this.change.emit('heard');
      }
    } catch {
      // Cut off, by us or by a registry that was killed: it is over, which is all there is to know.
    }
    this.isOver = true;
    this.change.emit('heard');
  }

  private hear(frame: string): void {
    if (frame === UP_TO_DATE) this.isUpToDate = true;
    const fields = new Map<string, string>();
    for (const line of frame.split('\n')) {
      const [, name = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
      fields.set(name, fields.has(name) ? `${fields.get(name)}\n${value}` : value);
    }
    const id = fields.get('id') ?? null;
    const data = fields.get('data');
    if (id !== null) this.position = id;
    if (data === undefined) return;
    const envelope = JSON.parse(data) as Told['envelope'];
    this.told.push({ id, type: fields.get('event') ?? '', data, envelope });
  }
}
