/** The part of `GET /v1/drift` that is looked at here. */
export type DriftStatus = {
  readonly backend: string;
  readonly status: string;
  readonly startedAt: string;
  readonly counts: Readonly<Record<'missing' | 'altered' | 'ghost' | 'foreign', number>>;
  readonly cutOff: string | null;
  readonly held: readonly { readonly reason: string; readonly entries: number }[];
};

const BACKENDS = ['consul', 'postgres'] as const;
const TIMEOUT_MS = 5000;

/** The last audit of each backend, as a replica tells of it. */
export async function readDrift(replicaUrl: string): Promise<readonly DriftStatus[]> {
  const response = await fetch(`${replicaUrl}/v1/drift?limit=1`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`GET /v1/drift answers ${response.status}`);
  return ((await response.json()) as { readonly backends: readonly DriftStatus[] }).backends;
}

/** What is still to be found or mended, where nothing else has happened since `restingSince` (epoch milliseconds). */
export function driftLeft(found: readonly DriftStatus[], restingSince: number): readonly string[] {
  return BACKENDS.flatMap((backend) => {
    const last = found.find((one) => one.backend === backend);
    if (last === undefined) return [`${backend} has never been audited`];
    if (last.status !== 'clean') return [`${backend} is ${last.status}: ${detailsOf(last)}`];
    return Date.parse(last.startedAt) < restingSince ? [`${backend} has not been audited since it came to rest`] : [];
  });
}

function detailsOf({ counts: { missing, altered, ghost }, cutOff, held }: DriftStatus): string {
  const reasons = held.map(({ reason, entries }) => `, ${entries} held: ${reason}`).join('');
  return cutOff ?? `${missing} missing, ${altered} altered, ${ghost} ghosts${reasons}`;
}
