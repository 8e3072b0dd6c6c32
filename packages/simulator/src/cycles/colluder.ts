/** An attacker of the kind that takes over unhardened groups: pushes views that name nobody but its own. */

import {
  shuffle,
  type Address,
  type Message,
  type Peer,
  type Rng,
  type ViewRequest
} from '@rumormill/protocol'
import type { Effect } from '@rumormill/protocol/engine'
import { addressOf, type CycleNode } from './cycle-group.ts'

export interface ColluderOptions {
  /** All that work together, itself included. */
  readonly colluders: readonly number[]
  readonly victims: readonly number[]
  /** Exchanges that it opens per cycle; correct nodes open one. */
  readonly exchanges: number
  /** Entries that it sends; correct nodes send c/2. */
  readonly entries: number
  readonly rng: Rng
}

/** Updates end here: it takes them, and passes nothing on. */
export class Colluder implements CycleNode {
  readonly #self: Address
  readonly #options: ColluderOptions

  constructor(self: number, options: ColluderOptions) {
    this.#self = addressOf(self)
    this.#options = options
  }

  tick(): Effect[] {
    const { exchanges, victims, rng } = this.#options
    return Array.from({ length: exchanges }, () => {
      const to = addressOf(victims[rng.below(victims.length)]!)
      return { kind: 'send', to, message: this.#views('view-request') } as const
    })
  }

  receive(_nowMs: number, from: Address, message: Message): Effect[] {
    return message.kind === 'view-request'
      ? [{ kind: 'send', to: from, message: this.#views('view-response') }]
      : []
  }

  peers(): Peer[] {
    return []
  }

  /** Its own entry, and others of its kind, as fresh as they can be. */
  #views<Kind extends 'view-request' | 'view-response'>(
    kind: Kind
  ): { kind: Kind; view: ViewRequest['view'] } {
    const { colluders, entries, rng } = this.#options
    const others = colluders.map(addressOf).filter((address) => address !== this.#self)
    shuffle(others, rng)
    return {
      kind,
      view: [this.#self, ...others.slice(0, entries - 1)].map((address) => ({ address, age: 0 }))
    }
  }
}
