import type { Fleet } from './fleet.js';

const BAR_WIDTH = 20;
const REDRAW_MS = 200;
const LINE_MS = 5000;

/** A bar that is redrawn on a terminal; elsewhere a line every few seconds. */
export class Progress {
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly text: (bar: boolean) => string,
  ) {}

  start(): this {
    this.#timer = setInterval(() => this.#show(), this.stream.isTTY ? REDRAW_MS : LINE_MS);
    if (this.stream.isTTY) this.#show();
    return this;
  }

  /** Leaves a bar as it stands now, unless it is to be wiped. */
  stop(how: 'keep' | 'wipe' = 'keep'): void {
    clearInterval(this.#timer);
    if (this.#drawn) {
      if (how === 'keep') this.#show();
      this.stream.write(how === 'keep' ? '\n' : '\r\u001b[K');
    }
    this.#drawn = false;
  }

  #show(): void {
    if (!this.stream.isTTY) {
      this.stream.write(`${this.text(false)}\n`);
      return;
    }
    // A line that wraps could not be drawn over.
    this.stream.write(`\r${this.text(true).slice(0, (this.stream.columns || 80) - 1)}\u001b[K`);
    this.#drawn = true;
  }
}

export function progressText(
  { counts, waitingFor, startedAt }: Fleet,
  nodes: number,
  now: number,
  bar: boolean,
): string {
  const filled = Math.floor((counts.active / nodes) * BAR_WIDTH);
  const parts = [
    `${counts.active}/${nodes} active`,
    `${counts.sent} sent`,
    `${counts.accepted} accepted`,
    `${counts.acked} acked`,
  ];
  if (counts.rejected > 0) parts.push(`${counts.rejected} rejected`);
  if (counts.timedOut > 0) parts.push(`${counts.timedOut} timed out`);
  if (counts.heartbeats > 0) parts.push(`${counts.heartbeats} heartbeats`);
  if (counts.expired > 0) parts.push(`${counts.expired} taken for dead`);
  if (counts.deadLetters > 0) parts.push(`${counts.deadLetters} dead letters`);
  if (startedAt !== undefined) parts.push(`${((now - startedAt) / 1000).toFixed(0)} s`);
  if (waitingFor !== undefined) parts.push(waitingFor);
  return (bar ? `[${'█'.repeat(filled).padEnd(BAR_WIDTH, '░')}] ` : '') + parts.join(' · ');
}
