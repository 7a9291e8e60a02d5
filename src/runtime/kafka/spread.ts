import { createHash } from 'node:crypto';

/**
 * Shares `partitions` out among the names: for each partition the index of its owner. Depends on the names only, not on their order. No
 * owner has over one more than another, and when one comes or goes few partitions move beside those that it takes or leaves.
 *
 * Rendezvous hashing with quotas: of all pairs of a partition and a name, the ones with the highest draw first.
 */
export function spread(partitions: number, names: readonly string[]): readonly number[] {
  const owners = new Array<number>(partitions).fill(-1);
  const quota = Math.floor(partitions / names.length);
  let withOneMore = partitions % names.length;
  const shares = names.map(() => 0);
  for (const { partition, owner } of pairsByDraw(partitions, names)) {
    const share = shares[owner] ?? 0;
    if (owners[partition] !== -1 || share > quota || (share === quota && withOneMore === 0)) continue;
    if (share === quota) withOneMore -= 1;
    owners[partition] = owner;
    shares[owner] = share + 1;
  }
  return owners;
}

type Pair = { readonly partition: number; readonly owner: number; readonly draw: string };

function pairsByDraw(partitions: number, names: readonly string[]): readonly Pair[] {
  const pairs: Pair[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    for (const [owner, name] of names.entries()) pairs.push({ partition, owner, draw: drawOf(partition, name) });
  }
  return pairs.sort((a, b) => (a.draw < b.draw ? -1 : 1));
}

function drawOf(partition: number, name: string): string {
  return createHash('sha256').update(`${partition}/${name}`).digest('hex');
}
