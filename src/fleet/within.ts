/**
 * Runs `work` with a signal that follows `signal` and aborts after `milliseconds`. Not by AbortSignal.any with
 * AbortSignal.timeout: on Node 20 such a timeout is collected as garbage before it fires
 * (https://github.com/nodejs/node/issues/57736).
 */
export async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  signal.addEventListener('abort', follow);
  if (signal.aborted) follow();
  const timer = setTimeout(() => {
    controller.abort(new Error(`not done within ${milliseconds / 1000} s`));
  }, milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', follow);
  }
}
