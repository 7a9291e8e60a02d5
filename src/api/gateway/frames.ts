/** Server-sent events as text: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** An event; without an `id` the reader's position stays where it is. */
export function eventFrame(event: { readonly id?: string; readonly type: string; readonly data: string }): string {
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  // The envelopes of this registry have one line; what others write to the log need not.
  const data = event.data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('');
  return `${id}event: ${event.type}\n${data}\n`;
}

/** Moves the reader's position and says nothing. */
export function positionFrame(id: string): string {
  return `id: ${id}\n\n`;
}

/** How long a reader is to wait before it connects again. */
export function retryFrame(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

export function commentFrame(text: string): string {
  return `: ${text}\n\n`;
}
