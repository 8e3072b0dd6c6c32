/** Sets `key` as the newest entry of `map`, also where it stood before. Deletes the oldest if there are then more than `most`. */
export function setBounded<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}
