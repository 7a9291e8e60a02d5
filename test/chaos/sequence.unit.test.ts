import { describe, expect, it } from '@jest/globals';
import type { Fault, Planned } from '../../src/chaos/faults/fault.js';
import { faultText } from '../../src/chaos/faults/fault.js';
import { inflictAll } from '../../src/chaos/faults/sequence.js';

const RUBBISH: Fault = { kind: 'rubbish', target: 'topics', forMs: 0 };
const KILL: Fault = { kind: 'kill', target: 'kafka', forMs: 1000 };
const CUT: Fault = { kind: 'cut', target: 'replica-1>consul', forMs: 0 };

const planned = (fault: Fault, rest: Partial<Planned> = {}): Planned => ({
  fault,
  pauseMs: 0,
  alongside: false,
  afterRecovery: false,
  ...rest,
});

/** Runs a plan; each fault ends when told to. */
function sequence(plan: readonly Planned[], until = Infinity) {
  const log: string[] = [];
  const ends = new Map<Fault, (remark?: string) => void>();
  const stop = new AbortController();
  const done = inflictAll({
    plan,
    until,
    inflict: (fault) => {
      log.push(`begins ${fault.kind}`);
      return new Promise((resolve, reject) => {
        ends.set(fault, resolve);
        stop.signal.addEventListener('abort', () => reject(new Error('stopped')));
      });
    },
    recovered: async () => void log.push('recovered'),
    say: () => undefined,
    signal: stop.signal,
  });
  const begun = async (fault: Fault): Promise<(remark?: string) => void> => {
    for (;;) {
      const end = ends.get(fault);
      if (end !== undefined) return end;
      await new Promise(setImmediate);
    }
  };
  return { log, begun, done, stop };
}

describe('a sequence of faults', () => {
  it('inflicts one after the other, and waits for recovery where the plan says so', async () => {
    const { log, begun, done } = sequence([planned(RUBBISH), planned(KILL, { afterRecovery: true })]);
    (await begun(RUBBISH))();
    (await begun(KILL))('a remark');
    expect(log).toEqual(['begins rubbish', 'recovered', 'begins kill']);
    expect((await done).map(({ fault, remark }) => [fault, remark])).toEqual([
      [RUBBISH, undefined],
      [KILL, 'a remark'],
    ]);
  });

  it('inflicts side by side, and goes on when all of these are over', async () => {
    const { log, begun, done } = sequence([planned(KILL), planned(CUT, { alongside: true }), planned(RUBBISH)]);
    const endKill = await begun(KILL);
    (await begun(CUT))();
    await new Promise(setImmediate);
    expect(log).toEqual(['begins kill', 'begins cut']);
    endKill();
    (await begun(RUBBISH))();
    expect((await done).map(({ fault }) => fault)).toEqual([CUT, KILL, RUBBISH]);
  });

  it('begins nothing when the time is over', async () => {
    const { log, done } = sequence([planned(KILL)], Date.now() - 1);
    expect(await done).toEqual([]);
    expect(log).toEqual([]);
  });

  it('fails with the fault that could not be inflicted', async () => {
    const { begun, done, stop } = sequence([planned(KILL), planned(RUBBISH)]);
    const failed = expect(done).rejects.toThrow('stopped');
    await begun(KILL);
    stop.abort();
    await failed;
  });

  it('tells a fault in words', () => {
    expect(faultText(KILL)).toBe('kill kafka for 1.0 s');
    expect(faultText(CUT)).toBe('cut replica-1>consul');
    expect(faultText({ kind: 'slow', target: 'replicas>kafka', forMs: 2500, delayMs: 90 })).toBe(
      'slow replicas>kafka by 90 ms for 2.5 s',
    );
  });
});
