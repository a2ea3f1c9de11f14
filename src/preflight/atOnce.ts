const requestsAtOnce = 8;

/**
 * Works on all items, a few at the same time, so that an API server is not flooded.
 *
 * @param items - The items.
 * @param work - What is done with each; what it rejects with, the whole rejects with.
 */
export async function eachAtOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
}
