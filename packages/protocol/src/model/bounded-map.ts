/** Maps and sets with a limit: beyond it the oldest entry is deleted. JavaScript keeps entries in the order of insertion. */

/** Sets `key` as the newest entry, also where it stood before; then the map keeps the `most` newest. */
export function setBounded<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  dropOldest(map, most)
}

/** Deletes the oldest entry if there are more than `most`: to be called after each one added. */
export function dropOldest<K>(entries: Map<K, unknown> | Set<K>, most: number): void {
  if (entries.size > most) entries.delete(entries.keys().next().value!)
}
