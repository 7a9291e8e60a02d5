/** Times as people read them: in the zone of the browser, with the exact one in a title beside it. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DATE = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** How long ago: `3 s ago`, `5 min ago`; `in 3 s` for what is to come. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (Math.abs(ms) < SECOND) return 'now';
  const length = duration(Math.abs(ms));
  return ms < 0 ? `in ${length}` : `${length} ago`;
}

/** The largest unit that fits: `850 ms`, `42 s`, `5 min`, `3 h`, `12 d`. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `14:03:07`, with milliseconds where steps have to be told apart. */
export function clock(time: string, withMs = false): string {
  const date = new Date(time);
  const text = CLOCK.format(date);
  return withMs ? `${text}.${String(date.getMilliseconds()).padStart(3, '0')}` : text;
}

/** `21 Nov 2026, 14:03:07`. */
export function dateAndClock(time: string): string {
  return `${DATE.format(new Date(time))}, ${clock(time)}`;
}

/** What a `datetime-local` field holds: `2026-11-21T14:03:07`, in the zone of the browser. */
export function toLocalField(time: string): string {
  const date = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** RFC 3339, UTC; null for what is no time. */
export function momentOf(text: string | null): string | null {
  const ms = text === null ? NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
