/** One server-sent event. `id` is where to go on after it. */
export type Frame = { readonly id: string | null; readonly event: string; readonly data: string };

/** Cuts a stream of server-sent events into frames, however its bytes were cut on the way. Comments are passed over. */
export class FrameReader {
  private rest = '';
  private id: string | null = null;
  private event = '';
  private data: string[] = [];

  /** The frames that this piece of the stream completes. */
  push(piece: string): readonly Frame[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    const frames: Frame[] = [];
    for (const line of lines) {
      const frame = this.take(line);
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  private take(line: string): Frame | null {
    if (line === '') return this.end();
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id') this.id = value;
    return null;
  }

  private end(): Frame | null {
    const { id, event, data } = this;
    this.event = '';
    this.data = [];
    return data.length === 0 ? null : { id, event: event === '' ? 'message' : event, data: data.join('\n') };
  }
}
