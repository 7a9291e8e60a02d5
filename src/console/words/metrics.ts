/** A sample of the Prometheus text format. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Samples of the metrics named; comments and all others are passed over. */
export function samplesOf(text: string, names: ReadonlySet<string>): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    return names.has(name) ? [{ name, labels: labelsOf(labels), value: Number(value) }] : [];
  });
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Sums by the values of some labels, the largest first; those that are alike in the order of their labels. */
export function sumsBy(
  samples: readonly Sample[],
  labels: readonly string[],
): readonly { readonly of: readonly string[]; readonly sum: number }[] {
  const sums = new Map<string, { readonly of: readonly string[]; sum: number }>();
  for (const sample of samples) {
    const of = labels.map((label) => sample.labels[label] ?? '');
    const key = JSON.stringify(of);
    const known = sums.get(key) ?? { of, sum: 0 };
    known.sum += sample.value;
    sums.set(key, known);
  }
  return [...sums]
    .sort(([a, { sum }], [b, { sum: other }]) => other - sum || (a < b ? -1 : 1))
    .map(([, sumOfOne]) => sumOfOne);
}
