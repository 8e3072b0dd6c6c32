/** A transport with its own libp2p node, for applications that use libp2p for nothing else. */

import type { Libp2p } from '@libp2p/interface'
import {
  GossipError,
  type Address,
  type DismissalReason,
  type Receiver
} from '@rumormill/protocol/plugin'
import type { Libp2pTransportOptions } from '../config.ts'
import {
  libp2pTransport,
  NOTHING,
  type Libp2pStats,
  type Libp2pTransport
} from '../libp2p-transport.ts'
import { createNode, type CreateNodeOptions } from './create-node.ts'

export type StandaloneTransportOptions = CreateNodeOptions &
  Omit<Libp2pTransportOptions, 'node' | 'advertise'>

/** Creates a transport over TCP, Noise and Yamux that starts and stops its own libp2p node. */
export function standaloneTransport(options: StandaloneTransportOptions = {}): Libp2pTransport {
  const { maxMessageBytes = 2 ** 20, limits, deadlines, rng, ...nodeOptions } = options
  const given = {
    maxMessageBytes,
    ...(limits && { limits }),
    ...(deadlines && { deadlines }),
    ...(rng && { rng })
  }
  return new StandaloneTransport(nodeOptions, given)
}

class StandaloneTransport implements Libp2pTransport {
  readonly maxMessageBytes: number
  readonly #nodeOptions: CreateNodeOptions
  readonly #options: Omit<Libp2pTransportOptions, 'node'>
  #making: Promise<Libp2p> | undefined
  #transport: Libp2pTransport | undefined
  #stopped: Promise<void> | undefined

  constructor(
    nodeOptions: CreateNodeOptions,
    options: Omit<Libp2pTransportOptions, 'node'> & { maxMessageBytes: number }
  ) {
    this.maxMessageBytes = options.maxMessageBytes
    this.#nodeOptions = nodeOptions
    this.#options = options
  }

  async start(receiver: Receiver, options: { protocol: string }): Promise<Address> {
    if (this.#making !== undefined || this.#stopped !== undefined) {
      throw new GossipError('ALREADY_STARTED', 'a libp2p transport can be started only once')
    }
    this.#making = createNode(this.#nodeOptions)
    const node = await this.#making
    if (this.#stopped !== undefined) throw notRunning()
    this.#transport = libp2pTransport({ node, ...this.#options })
    return this.#transport.start(receiver, options)
  }

  get reachable(): boolean | undefined {
    return this.#transport?.reachable
  }

  send(to: Address, bytes: Uint8Array, options: { signal: AbortSignal }): Promise<void> {
    return this.#transport?.send(to, bytes, options) ?? Promise.reject(notRunning())
  }

  watch(peers: readonly Address[]): void {
    this.#transport?.watch(peers)
  }

  dismiss(peer: Address, reason: DismissalReason): void {
    this.#transport?.dismiss?.(peer, reason)
  }

  stats(): Libp2pStats {
    return this.#transport?.stats() ?? NOTHING
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    await this.#transport?.stop()
    // If the node could not be created, `start` has rejected with the error.
    const node = await this.#making?.catch(() => undefined)
    await node?.stop()
  }
}

function notRunning(): GossipError {
  return new GossipError('NOT_RUNNING', 'this transport is not running')
}
