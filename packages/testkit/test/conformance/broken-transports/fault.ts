/** What a fault of a transport is, and how sound transports are broken. */

import { GossipError, type Receiver, type Transport } from '@rumormill/protocol/plugin'
import type { ManualClock, MemoryNetwork } from '../../../src/index.ts'

/** What one network of broken transports shares. */
export interface Workshop {
  readonly clock: ManualClock
  readonly network: MemoryNetwork
}

export interface Fault {
  readonly fault: string
  readonly caughtBy: string
  readonly break: (sound: Transport, workshop: Workshop) => Partial<Transport>
}

export type Send = Transport['send']

/** Changes what is received. */
export function hearing(
  sound: Transport,
  change: (receiver: Receiver) => Partial<Receiver>
): Partial<Transport> {
  return {
    start: (receiver, options) => sound.start({ ...plain(receiver), ...change(receiver) }, options)
  }
}

export function plain(receiver: Receiver): Receiver {
  return {
    receive: (from, bytes) => receiver.receive(from, bytes),
    fail: (error) => receiver.fail(error),
    lost: (peer, error) => receiver.lost(peer, error)
  }
}

/** Changes what is sent. */
export function sending(sound: Transport, change: (send: Send) => Send): Partial<Transport> {
  return { send: change((to, bytes, options) => sound.send(to, bytes, options)) }
}

/** Turns errors of one code into something else. */
export function insteadOf(code: string, other: () => Promise<void>): (send: Send) => Send {
  return (send) => (to, bytes, options) =>
    send(to, bytes, options).catch((error: GossipError) => {
      if (error.code !== code) throw error
      return other()
    })
}
