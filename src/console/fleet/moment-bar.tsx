import { useEffect, useId, useState, type ReactNode } from 'react';
import type { ListOf } from '../api/fleet-model.js';
import { useNow } from '../parts/time.js';
import { ago, dateAndClock, momentOf, toLocalField } from '../words/time.js';
import { momentAt, placeOf, SPANS, STEPS, type Span } from './moments.js';

type Props = {
  readonly list: ListOf;
  readonly go: (next: ListOf, how?: { readonly replace?: boolean }) => void;
};

/** A journal has more moments than one moves through: the last one is read once the slider rests. */
const REST_MS = 300;

/** Moves through time. The moment stands in the URL, and the page says that it is the past. */
export function MomentBar({ list, go }: Props): ReactNode {
  const id = useId();
  const now = useNow();
  const [span, setSpan] = useState<Span>('hour');
  const [wanted, setWanted] = useState<string | null>(list.asOf);
  useEffect(() => setWanted(list.asOf), [list.asOf]);
  useEffect(() => {
    if (wanted === list.asOf) return undefined;
    const timer = setTimeout(() => go({ ...list, asOf: wanted }, { replace: list.asOf !== null }), REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, list, go]);
  const place = wanted === null ? STEPS : placeOf(Date.parse(wanted), { span, now });
  return (
    <section className={wanted === null ? 'moment' : 'moment is-past'} aria-label="Time">
      <p className="moment-what" role="status">
        {wanted === null ? (
          'The fleet as it is now. Move the slider to see it as it was.'
        ) : (
          <>
            <strong>The past:</strong> the fleet as it was on {dateAndClock(wanted)} ({ago(wanted, now)})
          </>
        )}
      </p>
      <div className="moment-controls">
        <label htmlFor={`${id}-slider`} className="hidden">
          Moment
        </label>
        <input
          id={`${id}-slider`}
          type="range"
          min={0}
          max={STEPS}
          value={place}
          aria-valuetext={wanted === null ? 'now' : dateAndClock(wanted)}
          onChange={(event) => setWanted(momentAt(Number(event.target.value), { span, now }))}
        />
        <label htmlFor={`${id}-span`} className="hidden">
          Span of the slider
        </label>
        <select
          id={`${id}-span`}
          value={span}
          onChange={(event) =>
            setSpan((Object.keys(SPANS) as Span[]).find((name) => name === event.target.value) ?? 'hour')
          }
        >
          {(Object.keys(SPANS) as Span[]).map((name) => (
            <option key={name} value={name}>
              {SPANS[name].label}
            </option>
          ))}
        </select>
        <label htmlFor={`${id}-exact`} className="hidden">
          Exact moment
        </label>
        <input
          id={`${id}-exact`}
          type="datetime-local"
          step={1}
          max={toLocalField(new Date(now).toISOString())}
          value={wanted === null ? '' : toLocalField(wanted)}
          onChange={(event) => setWanted(momentOf(event.target.value))}
        />
        <button type="button" disabled={wanted === null} onClick={() => setWanted(null)}>
          Back to live
        </button>
      </div>
    </section>
  );
}
