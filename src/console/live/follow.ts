import type { Frame } from './frames.js';
import { FrameReader } from './frames.js';

/** `live`: events come as they happen. `lost`: the registry is away, and tried again. */
export type Following = 'connecting' | 'live' | 'lost';

export type Surroundings = {
  /** Opens the stream behind a place in it; null: from now on. */
  readonly open: (lastEventId: string | null, signal: AbortSignal) => Promise<Response>;
  readonly onFrame: (frame: Frame) => void;
  readonly onChange: (following: Following) => void;
  /** Waits; rejects once the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Follows the stream until the signal is aborted: goes on behind the last event when a connection breaks, with growing pauses
 * while there is none.
 */
export async function follow(surroundings: Surroundings, signal: AbortSignal): Promise<void> {
  const { open, onFrame, onChange, pause, random } = surroundings;
  let lastEventId: string | null = null;
  let failures = 0;
  onChange('connecting');
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      const response = await open(lastEventId, signal);
      if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`);
      failures = 0;
      onChange('live');
      for await (const frame of framesOf(response.body)) {
        lastEventId = frame.id ?? lastEventId;
        onFrame(frame);
      }
    } catch {
      // Told by `lost` below: what matters is that there is no stream now.
    }
    if (isOver()) return;
    onChange('lost');
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    failures += 1;
    // Half of it at least, and never all consoles at once.
    await pause(longest * (0.5 + random() / 2), signal).catch(() => undefined);
  }
}

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const frames = new FrameReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* frames.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.releaseLock();
  }
}
