/** What is held, the oldest first: a binary heap, from which what has gone is taken out when it comes to the top. */

interface Aged {
  readonly submittedAtMs: number
  /** Decides between equal ages: lower goes first. */
  readonly serial: number
}

/** Fewer than so many that have gone are not worth a sweep. */
const LEAST_SWEPT = 1024

export class AgeQueue<T extends Aged> {
  readonly #isHeld: (item: T) => boolean
  #heap: T[] = []
  #gone = 0

  /** `isHeld` tells whether an item that was added counts still. */
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

  /** An item that was added is held no longer. */
  removed(): void {
    if (++this.#gone <= Math.max(LEAST_SWEPT, this.#heap.length / 2)) return
    // A sorted list is a heap.
    this.#heap = this.#heap.filter(this.#isHeld).sort(order)
    this.#gone = 0
  }

  /** Returns the oldest that is held. */
  oldest(): T | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#isHeld(top)) return top
      this.#pop()
      this.#gone--
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
