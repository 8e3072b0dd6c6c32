/**
 * A shopping list that every node has. Start it several times, each in a terminal of its own, in any order:
 *
 *   npm run example -- replicated-set 9000
 *   npm run example -- replicated-set 9001 9000
 *
 * Type `+milk` to add, `-milk` to remove; Ctrl-C leaves. It is a last-writer-wins set: of two changes to one element
 * the later counts, the same on every node, in whatever order they arrive.
 *
 * Late joiners: changes never expire here, so whoever joins fetches all of them, from any one node. Nodes may leave and
 * come back with nothing, as long as one that has the changes runs. What does not hold: when the last node stops, all
 * is gone; and every change counts, an undone one too: after 10,000 (`store.maxUpdates`) `submit` throws
 * STORE_FULL. A list that changes forever needs changes that expire, and another way to hand over the old ones.
 */

import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'

async function main(port = '0', ...others: readonly string[]): Promise<void> {
  const [list, told, leaving] = [new LastWriterWinsSet(), new Set<string>(), new AbortController()]
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => leaving.abort())
  const apply = (change: Change): void => {
    if (list.merge(change)) console.log(list.elements())
  }
  const gossip = createGossip({
    transport: tcpTransport({ port: Number(port) }),
    codec: binaryCodec(),
    peerSource: staticPeers(others.map((other) => `127.0.0.1:${other}`)),
    handler: { onUpdate: ({ content }) => apply(decode(content)) },
    observe: (event) => {
      // Who cannot be reached is tried again and again: each kind of failure is told once.
      if (event.kind !== 'failed' || told.has(event.error.code)) return
      told.add(event.error.code)
      console.error(`! ${event.error.message}`)
    }
  })
  console.log(`listening on ${await gossip.start()}`)
  for await (const line of createInterface({ input: process.stdin, signal: leaving.signal })) {
    try {
      const [, sign, element] = /^([+-]) *(.+)$/.exec(line.trim()) ?? []
      if (element === undefined) throw new Error('type +milk or -milk')
      const change = list.change(element, sign === '+')
      gossip.submit(new TextEncoder().encode(JSON.stringify(change)))
      apply(change)
    } catch (error) {
      console.error(`! ${(error as Error).message}`)
    }
  }
  await gossip.stop()
}

/**
 * One change is one update. `at` is beyond every change that its writer had seen (a Lamport clock), `by` decides
 * between changes done at once. Both make its bytes unlike all others: equal bytes would be the same update.
 */
type Change = {
  readonly element: string
  readonly present: boolean
  readonly at: number
  readonly by: string
}

class LastWriterWinsSet {
  readonly #by = randomUUID()
  readonly #latest = new Map<string, Change>()
  #at = 0

  /** Later than all seen so far; it counts once it is merged. */
  change(element: string, present: boolean): Change {
    return { element, present, at: this.#at + 1, by: this.#by }
  }

  /** In any order, any number of times: the outcome is the same. False when the change brings nothing new. */
  merge(change: Change): boolean {
    this.#at = Math.max(this.#at, change.at)
    const known = this.#latest.get(change.element)
    if (
      known !== undefined &&
      (change.at < known.at || (change.at === known.at && change.by <= known.by))
    )
      return false
    // A removed element stays known, so that an older addition that arrives late does not bring it back.
    this.#latest.set(change.element, change)
    return true
  }

  elements(): string[] {
    return [...this.#latest.values()]
      .filter(({ present }) => present)
      .map(({ element }) => element)
      .sort()
  }
}

/** Anything may come from others. What a handler throws is observed as HANDLER_FAILED. */
function decode(content: Uint8Array): Change {
  const { element, present, at, by } = JSON.parse(new TextDecoder().decode(content)) as Change
  const typed =
    typeof element === 'string' && typeof present === 'boolean' && typeof by === 'string'
  if (!typed || !Number.isSafeInteger(at)) throw new TypeError('not a change of this list')
  return { element, present, at, by }
}

main(...process.argv.slice(2)).catch((error: Error) => {
  console.error(`! ${error.message}`)
  process.exitCode = 1
})
