/** What a registry tells of itself on `/metrics`: `name{labels}` -> value. */
export type Metrics = ReadonlyMap<string, number>;

/** Also resets the event loop's histogram, which covers the time since the scrape before. */
export async function scrape(baseUrl: string): Promise<Metrics> {
  const response = await fetch(`${baseUrl}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${baseUrl}/metrics answers ${response.status}: ${text.slice(0, 200)}`);
  return parseMetrics(text);
}

export function parseMetrics(text: string): Metrics {
  const metrics = new Map<string, number>();
  for (const line of text.split('\n')) {
    const blank = line.lastIndexOf(' ');
    if (line.startsWith('#') || blank < 0) continue;
    metrics.set(line.slice(0, blank), Number(line.slice(blank + 1)));
  }
  return metrics;
}

/** Over all of its labels; of a metric that is not there, 0. */
export function sumOf(metrics: Metrics, name: string): number {
  let sum = 0;
  for (const [key, value] of metrics) if (key === name || key.startsWith(`${name}{`)) sum += value;
  return sum;
}

/** prom-client asks for the delay by a timer of so many ms, which what it reports includes. */
const SAMPLED_EVERY_MS = 10;

/** The event loop's stalls since the scrape before, in ms. */
export function stallMs(metrics: Metrics): { readonly p99: number; readonly max: number } {
  const of = (name: string): number =>
    Math.max(0, (metrics.get(`nodejs_eventloop_lag_${name}_seconds`) ?? NaN) * 1000 - SAMPLED_EVERY_MS);
  return { p99: of('p99'), max: of('max') };
}
