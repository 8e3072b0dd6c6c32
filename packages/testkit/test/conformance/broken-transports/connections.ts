/** Connections over a memory network, which has none, and what can go wrong with them. */

import {
  GossipError,
  type Address,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'
import { hearing, type Fault } from './fault.ts'

/** Peers that were sent something are connected, until one of them stops or dismisses the other. */
export class Connections {
  readonly #receivers = new Map<Address, Receiver>()
  readonly #pairs = new Map<Address, Set<Address>>()

  /** Returns a transport that does what `inner` does, and tells losses. */
  over(inner: Transport): Transport {
    let self: Address | undefined
    return {
      maxMessageBytes: inner.maxMessageBytes,
      start: async (receiver, options) => {
        const address = await inner.start(receiver, options)
        self = address
        this.#receivers.set(address, receiver)
        return address
      },
      send: async (to, bytes, options) => {
        await inner.send(to, bytes, options)
        this.#peersOf(self!).add(to)
        this.#peersOf(to).add(self!)
      },
      watch: (peers) => inner.watch(peers),
      dismiss: (peer) => {
        this.#peersOf(self!).delete(peer)
        this.#tell(peer, self!)
      },
      stop: async () => {
        await inner.stop()
        const address = self
        self = undefined
        if (address === undefined) return
        this.#receivers.delete(address)
        for (const peer of this.#peersOf(address)) this.#tell(peer, address)
      }
    }
  }

  #tell(peer: Address, lost: Address): void {
    if (!this.#peersOf(peer).delete(lost)) return
    this.#receivers.get(peer)?.lost(lost, new GossipError('CONNECTION_LOST', `${lost} is gone`))
  }

  #peersOf(address: Address): Set<Address> {
    const peers = this.#pairs.get(address) ?? new Set()
    this.#pairs.set(address, peers)
    return peers
  }
}

export const connectionFaults: readonly Fault[] = [
  {
    fault: 'a word to those that are watched',
    caughtBy: 'watches peers without speaking to them',
    break: (sound) => ({
      watch: (peers) => {
        const { signal } = new AbortController()
        for (const peer of peers) sound.send(peer, Uint8Array.of(1), { signal }).catch(() => {})
      }
    })
  },
  {
    fault: 'losses that are told twice',
    caughtBy: 'tells once that a watched peer is lost',
    break: (sound) =>
      hearing(sound, (receiver) => ({
        lost: (peer, error) => {
          receiver.lost(peer, error)
          receiver.lost(peer, error)
        }
      }))
  },
  {
    fault: 'losses that nobody is told',
    caughtBy: 'tells once that a watched peer is lost',
    break: (sound) => hearing(sound, () => ({ lost: () => {} }))
  },
  {
    fault: 'a dismissal without a word',
    caughtBy: 'dismisses a peer, and tells it',
    break: () => ({ dismiss: () => {} })
  }
]
