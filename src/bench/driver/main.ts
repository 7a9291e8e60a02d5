/** The load of the sustained registrations, in a process of its own. Asked to `begin`, and for its `counts`. */
import { serve } from '../children/serve.js';
import { ClosedLoop, type ClosedLoopSettings } from './closed-loop.js';

await serve(async (settings: ClosedLoopSettings) => {
  let failure: Error | undefined;
  const loop = new ClosedLoop(
    settings,
    (error) => (failure ??= error instanceof Error ? error : new Error(String(error))),
  );
  await loop.open();
  return {
    answers: {
      begin: () => loop.begin(),
      counts: () => {
        if (failure !== undefined) throw failure;
        return loop.counts;
      },
    },
    close: () => loop.close(),
  };
});
