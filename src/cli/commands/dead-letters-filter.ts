export type FilterOptions = {
  readonly cause?: string;
  readonly topic?: string;
  readonly node?: string;
  readonly reason?: string;
  readonly from?: string;
  readonly to?: string;
};

/** The filter in the words of the API, without what was not given. */
export function filterOf({ cause, topic, node, reason, from, to }: FilterOptions): Readonly<Record<string, string>> {
  const pairs = {
    cause,
    originalTopic: topic,
    nodeId: node,
    reasonContains: reason,
    occurredFrom: from,
    occurredTo: to,
  };
  return Object.fromEntries(
    Object.entries(pairs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
