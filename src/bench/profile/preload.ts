/**
 * Loaded into a registry before its own program (`node --import`) when it is to be sampled: starts V8's sampling profiler when the bench
 * says so, and leaves what it found in a file. Costs nothing before that.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import type { Answer, Order } from './sampling.js';

const INTERVAL_MICROSECONDS = 1000;

const session = new Session();

process.on('message', (order: Order) => {
  follow(order).then(
    () => answer({ kind: 'done' }),
    (error: unknown) => answer({ kind: 'failed', reason: String(error) }),
  );
});
process.channel?.unref(); // it ends when it has nothing to do, as without us

async function follow(order: Order): Promise<void> {
  switch (order.kind) {
    case 'start':
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
      await session.post('Profiler.start');
      return;
    case 'stop': {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      writeFileSync(order.file, JSON.stringify(profile));
    }
  }
}

function answer(said: Answer): void {
  if (process.connected) process.send?.(said);
}
