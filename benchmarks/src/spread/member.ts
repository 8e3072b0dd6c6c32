/**
 * One node in a process of its own, at the orders of its parent. It keeps in step with the others by what it hears of them:
 * none is more than a few updates ahead of what has reached it from any other. So nobody needs to be told what has arrived,
 * which would cost more than the arrival.
 */

import { connected } from './group.ts'
import { KINDS, NODES, type NodeKind, type SpreadNode } from './nodes.ts'

/** What a parent orders. */
export type MemberOrder =
  | { readonly order: 'start'; readonly kind: NodeKind; readonly contacts: readonly string[] }
  /** Say when you are connected. */
  | { readonly order: 'connect' }
  /** Submit so many updates more, as all others do, `window` ahead at most. */
  | {
      readonly order: 'spread'
      readonly count: number
      readonly bytes: number
      readonly window: number
    }
  | { readonly order: 'stop' }

/** What a member tells. */
export type MemberReport =
  | { readonly report: 'started'; readonly contact: string }
  | { readonly report: 'connected' }
  /** It has heard all of all others; and the processor time that this process has taken meanwhile. */
  | { readonly report: 'spread'; readonly cpuMicros: number }

class Member {
  #node: SpreadNode | undefined
  #self = 0
  /** How many updates each has submitted, as far as this one has heard. */
  readonly #heard = new Uint32Array(NODES)
  #step: () => void = () => {}

  async obey(order: MemberOrder): Promise<void> {
    switch (order.order) {
      case 'start':
        this.#self = order.contacts.length
        this.#node = await KINDS[order.kind]((content) => this.#hear(content), order.contacts)
        return tell({ report: 'started', contact: this.#node.contact })
      case 'connect':
        await connected([this.#node!])
        return tell({ report: 'connected' })
      case 'spread':
        return this.#spread(order)
      case 'stop':
        await this.#node!.stop()
        process.disconnect()
    }
  }

  #hear(content: Uint8Array): void {
    this.#heard[content[0]!]!++
    this.#step()
  }

  #spread({ count, bytes, window }: MemberOrder & { order: 'spread' }): void {
    const content = crypto.getRandomValues(new Uint8Array(bytes))
    content[0] = this.#self
    const target = this.#heard[this.#self]! + count
    const cpuBefore = process.cpuUsage()
    this.#step = () => {
      const heard = this.#heard
      const least = heard.reduce(
        (fewest, number, member) => (member === this.#self ? fewest : Math.min(fewest, number)),
        target
      )
      while (heard[this.#self]! < Math.min(target, least + window)) {
        const number = heard[this.#self]!++
        const next = content.slice()
        new DataView(next.buffer).setUint32(1, number)
        void this.#node!.submit(next)
      }
      if (least < target) return
      this.#step = () => {}
      const { user, system } = process.cpuUsage(cpuBefore)
      tell({ report: 'spread', cpuMicros: user + system })
    }
    this.#step()
  }
}

function tell(report: MemberReport): void {
  process.send!(report)
}

if (process.send !== undefined) {
  const member = new Member()
  // Nobody is left to give orders.
  process.on('disconnect', () => process.exit())
  process.on('message', (order: MemberOrder) => void member.obey(order))
}
