/**
 * One node in a process of its own, at the orders of its parent. What it hears it tells by number, many in one message and
 * once per turn, so that telling costs little beside hearing.
 */
import { KINDS, NODES, type NodeKind, type SpreadNode } from './nodes.ts'

/** What a parent orders. */
export type MemberOrder =
  | { readonly order: 'start', readonly kind: NodeKind, readonly contacts: readonly string[] }
  /** Say when you are connected. */
  | { readonly order: 'connect' }
  /** Submit so many updates, `window` at a time, or as many as can be in `limitMs`. */
  | { readonly order: 'spread', readonly count: number, readonly bytes: number, readonly window: number, readonly limitMs: number }
  /** Each of your updates that is named here once more has reached one more node. */
  | { readonly order: 'reached', readonly numbers: Uint32Array }
  | { readonly order: 'stop' }

/** What a member tells. */
export type MemberReport =
  | { readonly report: 'started', readonly contact: string }
  | { readonly report: 'connected' }
  /** These were delivered to it. */
  | { readonly report: 'heard', readonly numbers: Uint32Array }
  /** Its own have all reached all, so many; and the processor time that this process has taken meanwhile. */
  | { readonly report: 'spread', readonly updates: number, readonly cpuMicros: number }

/** Numbers of one member begin at a multiple of it. */
export const NUMBERS_PER_MEMBER = 1_000_000

const POLL_MS = 10

if (process.send !== undefined) serve()

function serve(): void {
  let node: SpreadNode | undefined
  let heard: number[] = []
  let next = 0
  let onReached: (number: number) => void = () => {}
  const tell = (report: MemberReport): void => void process.send!(report)
  const hear = (content: Uint8Array): void => {
    if (heard.length === 0) {
      setImmediate(() => {
        tell({ report: 'heard', numbers: Uint32Array.from(heard) })
        heard = []
      })
    }
    heard.push(new DataView(content.buffer, content.byteOffset).getUint32(0))
  }

  // Nobody is left to give orders.
  process.on('disconnect', () => process.exit())
  process.on('message', (order: MemberOrder) => void obey(order))

  async function obey(order: MemberOrder): Promise<void> {
    switch (order.order) {
      case 'start':
        next = order.contacts.length * NUMBERS_PER_MEMBER
        node = await KINDS[order.kind](hear, order.contacts)
        return tell({ report: 'started', contact: node.contact })
      case 'connect':
        while (!node!.isConnected()) await new Promise((resolve) => { setTimeout(resolve, POLL_MS) })
        return tell({ report: 'connected' })
      case 'spread':
        return spread(order)
      case 'reached':
        return order.numbers.forEach((number) => onReached(number))
      case 'stop':
        await node!.stop()
        process.disconnect()
    }
  }

  function spread({ count, bytes, window, limitMs }: MemberOrder & { order: 'spread' }): void {
    const noise = crypto.getRandomValues(new Uint8Array(bytes))
    const cpuBefore = process.cpuUsage()
    const beganMs = performance.now()
    const missing = new Map<number, number>()
    let updates = 0
    const refill = (): void => {
      for (; missing.size < window && updates < count && performance.now() - beganMs < limitMs; updates++) {
        const content = noise.slice()
        new DataView(content.buffer).setUint32(0, next)
        missing.set(next++, NODES - 1)
        void node!.submit(content)
      }
      if (missing.size > 0) return
      onReached = () => {}
      const { user, system } = process.cpuUsage(cpuBefore)
      tell({ report: 'spread', updates, cpuMicros: user + system })
    }
    onReached = (number) => {
      const left = missing.get(number)! - 1
      if (left > 0) return void missing.set(number, left)
      missing.delete(number)
      refill()
    }
    refill()
  }
}
