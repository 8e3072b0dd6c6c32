/** Which links between the nodes of a network are open. */

import type { Address } from '@rumormill/protocol/plugin'
import type { LinkFaults } from './faults.ts'

export class Links implements LinkFaults {
  readonly #cuts: ((from: Address, to: Address) => boolean)[] = []

  partition(groups: readonly (readonly Address[])[]): void {
    const copies = groups.map((group) => new Set(group))
    this.#cuts.push((from, to) => !copies.some((group) => group.has(from) && group.has(to)))
  }

  cut(from: readonly Address[], to: readonly Address[]): void {
    const [senders, receivers] = [new Set(from), new Set(to)]
    this.#cuts.push((sender, receiver) => senders.has(sender) && receivers.has(receiver))
  }

  heal(): void {
    this.#cuts.length = 0
  }

  isOpen(from: Address, to: Address): boolean {
    return this.#cuts.every((isCut) => !isCut(from, to))
  }
}
