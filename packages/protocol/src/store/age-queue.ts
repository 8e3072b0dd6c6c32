/** A queue of items, oldest first: a binary heap with lazy deletion. A removed item leaves the heap when it reaches the top. */

interface Aged {
  readonly submittedAtMs: number
  /** Decides between equal ages: lower goes first. */
  readonly serial: number
}

/** The heap is rebuilt without its removed items once there are more than this many, and more than half of the heap. */
const LEAST_SWEPT = 1024

export class AgeQueue<T extends Aged> {
  readonly #isHeld: (item: T) => boolean
  #heap: T[] = []
  #removed = 0

  /** `isHeld` returns whether an item was not removed since it was added. */
  constructor(isHeld: (item: T) => boolean) {
    this.#isHeld = isHeld
  }

  add(item: T): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(item)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (order(heap[above]!, item) < 0) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = item
  }

  /** Counts an item that is no longer held, and rebuilds the heap when there are many of them. */
  removed(): void {
    if (++this.#removed <= Math.max(LEAST_SWEPT, this.#heap.length / 2)) return
    // A sorted list is a heap.
    this.#heap = this.#heap.filter(this.#isHeld).sort(order)
    this.#removed = 0
  }

  /** Returns the oldest item that is held. */
  oldest(): T | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#isHeld(top)) return top
      this.#pop()
      this.#removed--
    }
    return undefined
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && order(heap[below + 1]!, heap[below]!) < 0) below++
      if (order(heap[below]!, last) > 0) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}

function order(one: Aged, other: Aged): number {
  return one.submittedAtMs - other.submittedAtMs || one.serial - other.serial
}
