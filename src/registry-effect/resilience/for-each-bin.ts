/**
 * Runs `work` for every bin, at most `width` at a time. After a failure nothing new is started; what is under way is waited
 * for, then the first failure is thrown.
 */
export async function forEachBin<T>(bins: readonly T[], width: number, work: (bin: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < bins.length && failures.length === 0) {
      const bin = bins[next++]!;
      try {
        await work(bin);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, bins.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
