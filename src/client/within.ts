/** What `work` gives, or `otherwise` when it has not come in time. `work` goes on then, and what it throws is nobody's concern. */
export async function within<T, U>(milliseconds: number, work: Promise<T>, otherwise: U): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<U>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
