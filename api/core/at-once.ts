/** Does the work for every item, never for more than so many at once. */
export async function forEachAtOnce<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  // All take from one iterator, so that a slow item keeps nobody but its own taker waiting.
  const waiting = items.values()
  const takers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (const item of waiting) await work(item)
  })
  await Promise.all(takers)
}
