/** Finds the host that uses most of a limit. */

/** Returns the items of the host with the most items, in their order: one of these is closed when a limit is reached. */
export function ofLargestHost<Item>(
  items: readonly Item[],
  hostOf: (item: Item) => string
): readonly Item[] {
  const byHost = new Map<string, Item[]>()
  for (const item of items) {
    const host = hostOf(item)
    const ofHost = byHost.get(host)
    if (ofHost === undefined) byHost.set(host, [item])
    else ofHost.push(item)
  }
  let largest: readonly Item[] = []
  for (const ofHost of byHost.values()) if (ofHost.length > largest.length) largest = ofHost
  return largest
}
