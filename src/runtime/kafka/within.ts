/**
 * The outcome of the work, or an error with the message `late` after `timeoutMs`, or as soon as the signal is aborted. The work
 * itself cannot be ended (kafkajs tries again for up to half a minute, whatever a caller thinks of it): its outcome is dropped.
 */
export function within<T>(timeoutMs: number, work: Promise<T>, late: string, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      settle();
      reject(new Error(late));
    };
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    work.finally(settle).then(resolve, reject);
    if (signal?.aborted) giveUp();
  });
}
