import { useEffect, useState, type ReactNode } from 'react';
import { ago, clock, dateAndClock } from '../words/time.js';

const TICK_MS = 5000;

/** The present, moving on every few seconds. */
export function useNow(everyMs = TICK_MS): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago, with the exact time in its title. */
export function Ago({ time, now }: { readonly time: string; readonly now: number }): ReactNode {
  return (
    <time dateTime={time} title={time}>
      {ago(time, now)}
    </time>
  );
}

export function At({ time }: { readonly time: string }): ReactNode {
  return (
    <time dateTime={time} title={time}>
      {dateAndClock(time)}
    </time>
  );
}

/** Without the day, to the millisecond: for what happened one after the other. */
export function Clock({ time }: { readonly time: string }): ReactNode {
  return (
    <time className="mono" dateTime={time} title={`${dateAndClock(time)} (${time})`}>
      {clock(time, true)}
    </time>
  );
}
