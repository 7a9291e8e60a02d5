/** What a stream of server-sent events says. */
export type SseItem =
  | { readonly kind: 'event'; readonly type: string; readonly data: string }
  | { readonly kind: 'comment'; readonly text: string };

/** Far above what a message can have; more than this without an end of line is no stream of events. */
const MAX_LINE = 8 * 1024 * 1024;
const LINE_END = /\r\n|\n|\r/g;

/**
 * Reads server-sent events from the pieces in which they arrive: https://html.spec.whatwg.org/multipage/server-sent-events.html,
 * and comments, which that standard drops, and which here tell how far the registry has come.
 */
export class SseParser {
  /** The reader's position: of the last event that was complete. Kept from one connection to the next. */
  lastEventId: string;
  /** How long the registry wants readers to wait before they connect again, once it has said so. Milliseconds. */
  retryMs: number | undefined;
  #decoder = new TextDecoder();
  #rest = '';
  #id: string;
  #type = '';
  #data: string[] = [];

  constructor(lastEventId = '') {
    this.lastEventId = this.#id = lastEventId;
  }

  /** What has become complete with these bytes. Throws when they cannot be a stream of events. */
  push(bytes: Uint8Array): SseItem[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const items: SseItem[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(LINE_END)) {
      // The other half of this end of line may be on its way.
      if (end === '\r' && index + 1 === text.length) break;
      const item = this.#line(text.slice(from, index));
      if (item !== undefined) items.push(item);
      from = index + end.length;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length > MAX_LINE) throw new Error(`a line of more than ${MAX_LINE} characters in the event stream`);
    return items;
  }

  #line(line: string): SseItem | undefined {
    if (line === '') return this.#complete();
    const colon = line.indexOf(':');
    if (colon === 0) return { kind: 'comment', text: line.slice(1).trim() };
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') this.#type = value;
    if (name === 'data') this.#data.push(value);
    if (name === 'id' && !value.includes('\0')) this.#id = value;
    if (name === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
    return undefined;
  }

  #complete(): SseItem | undefined {
    this.lastEventId = this.#id;
    const type = this.#type || 'message';
    const data = this.#data;
    this.#type = '';
    this.#data = [];
    return data.length === 0 ? undefined : { kind: 'event', type, data: data.join('\n') };
  }
}
