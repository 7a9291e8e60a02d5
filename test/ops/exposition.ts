/** Prometheus's text format, as prom-client writes it. */
export type Sample = {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

export function samplesOf(text: string): readonly Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, series = '', labels = '', value]) => ({
    series,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, of]) => [name, of])),
    value: Number(value),
  }));
}

/** Names of all metrics, those without a sample included. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
}
