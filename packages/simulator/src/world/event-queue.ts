/** A binary heap of events, ordered by time, and by registration where the time is the same. */

interface Event {
  readonly atMs: number
  readonly sequence: number
  readonly happen: () => void
}

export class EventQueue {
  readonly #heap: Event[] = []
  #registered = 0

  /** When the next event is due; Infinity when there is none. */
  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Infinity
  }

  add(atMs: number, happen: () => void): void {
    if (Number.isNaN(atMs)) throw new RangeError('an event needs a time')
    if (atMs === Infinity) return
    const event = { atMs, sequence: this.#registered++, happen }
    let index = this.#heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!comesBefore(event, this.#heap[parent]!)) break
      this.#heap[index] = this.#heap[parent]!
      index = parent
    }
    this.#heap[index] = event
  }

  /** Removes and returns the next event. There must be one. */
  take(): () => void {
    const { happen } = this.#heap[0]!
    const last = this.#heap.pop()!
    const size = this.#heap.length
    if (size === 0) return happen
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      if (child + 1 < size && comesBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (comesBefore(last, this.#heap[child]!)) break
      this.#heap[index] = this.#heap[child]!
      index = child
    }
    this.#heap[index] = last
    return happen
  }
}

function comesBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.sequence < other.sequence)
}
