/** What a query reads: enough of PromQL to find names and labels in the queries of ours, and no more. */
export type Selected = { readonly metric: string; readonly labels: readonly string[] };

const WORDS = new Set(
  'and or unless by without on ignoring group_left group_right bool offset sum min max avg count rate irate increase deriv changes absent time histogram_quantile vector topk label_replace'.split(
    ' ',
  ),
);

/** Metrics that a query reads, each with the labels by which it selects them. */
export function selectedBy(query: string): readonly Selected[] {
  const bare = withoutGroupings(query);
  return [...bare.matchAll(/([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?/g)].flatMap(([, name = '', selector = '']) => {
    const labels = [...selector.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    return WORDS.has(name) ? [] : [{ metric: name, labels }];
  });
}

/** Labels that a query groups or joins by. */
export function groupedBy(query: string): readonly string[] {
  return [...query.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );
}

/** A name of Prometheus's own text is no metric: strings, durations, groupings. */
function withoutGroupings(query: string): string {
  return query
    .replace(/\{[^}]*\}/g, (selector) => selector.replace(/"[^"]*"/g, '""'))
    .replace(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '$1')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b\d[\w.]*/g, '');
}
