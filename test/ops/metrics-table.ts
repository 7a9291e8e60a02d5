import { page } from '../docs/pages.js';

/** The metrics of docs/operations.md, by name, with their labels. A test holds the page to what a running registry exports. */
export function metricsTable(): ReadonlyMap<string, readonly string[]> {
  const rows = page('docs/operations.md').matchAll(/^\| `(rollcall_\w+)` *\| ([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, name = '', labels = '']) => [
      name,
      labels
        .split(',')
        .map((label) => label.trim())
        .filter((label) => label !== ''),
    ]),
  );
}

/** What prom-client gives of the process, as far as dashboard and alerts use it. */
export const OF_PROCESS: ReadonlyMap<string, readonly string[]> = new Map([
  ['process_cpu_seconds_total', []],
  ['process_resident_memory_bytes', []],
  ['process_start_time_seconds', []],
  ['nodejs_heap_size_used_bytes', []],
  ['nodejs_eventloop_lag_p99_seconds', []],
  ['nodejs_gc_duration_seconds', ['kind']],
]);

const HISTOGRAM = /_duration_seconds$|_audit_seconds$|_batch_records$/;

/** The metric that a series belongs to: histograms have three kinds of series. */
export function metricOf(series: string, known: (name: string) => boolean): string {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return HISTOGRAM.test(base) && known(base) ? base : series;
}
