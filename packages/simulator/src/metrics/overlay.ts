/** The overlay (which node has which in its view) at one moment, as two arrays: the input of all overlay metrics. */

/** A directed graph of the nodes `0 .. size - 1`; node n links to `targets[starts[n]] .. targets[starts[n + 1] - 1]`. */
export interface Overlay {
  readonly size: number
  readonly starts: Int32Array
  readonly targets: Int32Array
}

/** Returns the overlay in which each node links to the nodes of its list. */
export function overlayOf(lists: readonly (readonly number[])[]): Overlay {
  const starts = new Int32Array(lists.length + 1)
  lists.forEach((list, node) => (starts[node + 1] = starts[node]! + list.length))
  const targets = new Int32Array(starts[lists.length]!)
  lists.forEach((list, node) => targets.set(list, starts[node]))
  return { size: lists.length, starts, targets }
}

/** Returns the undirected overlay: each link in both directions, once. */
export function undirected({ size, starts, targets }: Overlay): Overlay {
  const lists: number[][] = Array.from({ length: size }, () => [])
  for (let node = 0; node < size; node++) {
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      lists[node]!.push(targets[at]!)
      lists[targets[at]!]!.push(node)
    }
  }
  const seen = new Int32Array(size).fill(-1)
  return overlayOf(
    lists.map((list, node) => {
      seen[node] = node
      return list.filter((other) => seen[other] !== node && (seen[other] = node) === node)
    })
  )
}

/** Returns the overlay of only the nodes marked in `keep`, renumbered. */
export function restricted({ size, starts, targets }: Overlay, keep: Uint8Array): Overlay {
  const numbers = new Int32Array(size).fill(-1)
  let kept = 0
  for (let node = 0; node < size; node++) if (keep[node] !== 0) numbers[node] = kept++
  const newStarts = new Int32Array(kept + 1)
  const newTargets = new Int32Array(targets.length)
  let length = 0
  for (let node = 0; node < size; node++) {
    if (numbers[node]! < 0) continue
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      if (numbers[targets[at]!]! >= 0) newTargets[length++] = numbers[targets[at]!]!
    }
    newStarts[numbers[node]! + 1] = length
  }
  return { size: kept, starts: newStarts, targets: newTargets.subarray(0, length) }
}
