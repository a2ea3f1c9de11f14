/** Works on items, a few at a time: what one needs in memory is needed so many times at most. */
export async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const open = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of open) {
      results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
