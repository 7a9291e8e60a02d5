import type { Run } from '../command.js';
import { CommandFailure, EXIT } from '../exit.js';
import { harmless } from '../output/text-width.js';
import { followEvents, type Followed } from '../registry/follow-events.js';

type Options = { readonly event?: readonly string[]; readonly from?: string; readonly count?: number };

/** As on Kafka: names are snake_case. */
type Envelope = {
  readonly event_id?: string;
  readonly event_timestamp?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
};

export const watchNodes: Run<Options> = async ({ registry, screen, terminal }, options, [nodeId]) => {
  const { event: eventType, from = null, count = Infinity } = options;
  const signal = terminal.catchInterrupt();
  const lost = (reason: string, retryInMs: number): void => {
    void screen.note(`the registry is away (${reason}); trying again in ${retryInMs / 1000} s`);
  };
  let seen = 0;
  for await (const followed of followEvents(registry, { query: { nodeId, eventType }, from, signal, lost })) {
    const envelope = envelopeOf(followed);
    await screen.item({ cursor: followed.cursor, event: envelope });
    await screen.lines([lineOf(followed, envelope)]);
    seen += 1;
    if (seen >= count) break;
  }
  // Who is to see a number of events, and was stopped before, has not seen them.
  return seen < count && Number.isFinite(count) ? EXIT.unfinished : EXIT.ok;
};

function envelopeOf({ eventType, data }: Followed): Envelope {
  try {
    return JSON.parse(data) as Envelope;
  } catch {
    throw new CommandFailure(EXIT.refused, `the registry sent ${eventType} with something that is not JSON`);
  }
}

function lineOf({ eventType }: Followed, { event_timestamp: at = '-', payload = {} }: Envelope): string {
  const { node_id: nodeId, ...rest } = payload;
  const details = Object.entries(rest)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${String(value)}`);
  return harmless([at, eventType.padEnd(32), typeof nodeId === 'string' ? nodeId : '-', ...details].join('  '));
}
