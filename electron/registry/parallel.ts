/**
 * Works through items, at most `limit` at once, in their order. The first answer that `stops` ends it: nothing new is
 * begun, what is under way is awaited, and that answer is returned; undefined when every item was done. What is thrown ends
 * it in the same way, so that nothing goes on behind the caller's back.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, index: number) => Promise<Result>,
  stops: (result: Result) => boolean = () => false,
): Promise<Result | undefined> {
  let next = 0
  let stopped: { result: Result } | undefined
  let failed: { error: unknown } | undefined
  const lane = async () => {
    while (stopped === undefined && failed === undefined && next < items.length) {
      const index = next++
      const item = items[index]
      if (item === undefined) continue
      try {
        const result = await work(item, index)
        if (stops(result)) stopped ??= { result }
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  if (failed) throw failed.error
  return stopped?.result
}
