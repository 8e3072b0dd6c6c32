/** An attacker that takes over groups without hardening: it pushes views with only attackers. */

import { shuffle, type Effect } from '@rumormill/protocol/engine'
import type { Address, Message, MessageOf, Peer, Rng } from '@rumormill/protocol/plugin'
import { addressOf, type CycleNode } from './cycle-group.ts'

export interface ColluderOptions {
  /** All attackers, itself included. */
  readonly colluders: readonly number[]
  readonly victims: readonly number[]
  /** View exchanges that it opens per cycle; correct nodes open one. */
  readonly exchanges: number
  /** View entries that it sends; correct nodes send c/2. */
  readonly entries: number
  readonly rng: Rng
}

/** The attacker. It accepts updates and forwards none. */
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

  /** Returns a view of itself and other attackers, all with age 0. */
  #views<Kind extends 'view-request' | 'view-response'>(
    kind: Kind
  ): { kind: Kind; view: MessageOf<'view-request'>['view'] } {
    const { colluders, entries, rng } = this.#options
    const others = colluders.map(addressOf).filter((address) => address !== this.#self)
    shuffle(others, rng)
    return {
      kind,
      view: [this.#self, ...others.slice(0, entries - 1)].map((address) => ({ address, age: 0 }))
    }
  }
}
