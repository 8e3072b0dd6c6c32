/**
 * One node in its own process, controlled by its parent. The nodes synchronize by the updates that they receive: none is more
 * than a few updates ahead of what it has received from any other. So deliveries need no reports, which would cost more than
 * the deliveries.
 */

import { obeyParent } from '@rumormill/harness/node-process'
import { cpuMicros } from '@rumormill/harness/process-usage'
import { connected } from './group.ts'
import { KINDS, NODES, type NodeKind, type SpreadNode } from './nodes.ts'

/** Messages from the parent. */
export type MemberOrder =
  | { readonly order: 'start'; readonly kind: NodeKind; readonly contacts: readonly string[] }
  /** Asks for a report when the member is connected. */
  | { readonly order: 'connect' }
  /** Submits `count` more updates, as all others do, at most `window` ahead. */
  | {
      readonly order: 'spread'
      readonly count: number
      readonly bytes: number
      readonly window: number
    }
  | { readonly order: 'stop' }

/** Messages from the member. */
export type MemberReport =
  | { readonly report: 'started'; readonly contact: string }
  | { readonly report: 'connected' }
  /** The member has received all updates of all others; with the CPU time of this process meanwhile. */
  | { readonly report: 'spread'; readonly cpuMicros: number }

class Member {
  #node: SpreadNode | undefined
  #self = 0
  /** How many updates of each node have arrived. */
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
    const cpuBefore = cpuMicros()
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
      tell({ report: 'spread', cpuMicros: cpuMicros() - cpuBefore })
    }
    this.#step()
  }
}

function tell(report: MemberReport): void {
  process.send!(report)
}

const member = new Member()
obeyParent((order: MemberOrder) => member.obey(order))
