/** libp2p nodes and transports for tests; all of them end with the test file. */

import type { Libp2p } from '@libp2p/interface'
import type { Address, GossipError, Transport } from '@rumormill/protocol/plugin'
import { afterAll } from 'vitest'
import { libp2pTransport, type Libp2pTransport, type Libp2pTransportOptions } from '../src/index.ts'
import { createNode, type CreateNodeOptions } from '../src/node/index.ts'

export const PROTOCOL = '/rumormill/1/test/none'

const PATIENCE_MS = 60_000

const nodes: Libp2p[] = []
const transports: Transport[] = []

afterAll(async () => {
  for (const transport of transports) await transport.stop()
  for (const node of nodes) await node.stop()
})

/** A node that is stopped when the file has run. */
export async function startNode(options: CreateNodeOptions = {}): Promise<Libp2p> {
  const node = await createNode(options)
  nodes.push(node)
  return node
}

/** A running transport and what it heard. */
export interface Peer {
  readonly node: Libp2p
  readonly transport: Libp2pTransport
  readonly address: Address
  readonly port: number
  readonly heard: { readonly from: Address; readonly bytes: Uint8Array }[]
  readonly failures: GossipError[]
  readonly lost: { readonly peer: Address; readonly error: GossipError }[]
  send(to: Address, bytes: Uint8Array): Promise<void>
}

export async function startPeer(
  options: CreateNodeOptions &
    Omit<Partial<Libp2pTransportOptions>, 'node'> & { readonly protocol?: string } = {}
): Promise<Peer> {
  const {
    advertise,
    maxMessageBytes,
    limits,
    deadlines,
    protocol = PROTOCOL,
    ...nodeOptions
  } = options
  const given = { advertise, maxMessageBytes, limits, deadlines }
  const defined = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined)
  )
  const node = await startNode(nodeOptions)
  const transport = libp2pTransport({ node, ...defined })
  transports.push(transport)
  const heard: Peer['heard'] = []
  const failures: GossipError[] = []
  const lost: Peer['lost'] = []
  const receiver = {
    receive: (from: Address, bytes: Uint8Array): void => void heard.push({ from, bytes }),
    fail: (error: Error): void => void failures.push(error as GossipError),
    lost: (peer: Address, error: Error): void =>
      void lost.push({ peer, error: error as GossipError })
  }
  const address = await transport.start(receiver, { protocol })
  const { signal } = new AbortController()
  const port = Number(/tcp\/(\d+)/.exec(address)![1])
  return {
    node,
    transport,
    address,
    port,
    heard,
    failures,
    lost,
    send: (to, bytes) => transport.send(to, bytes, { signal })
  }
}

/** Polls until `check` holds. */
export async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`${what}: waited ${PATIENCE_MS} ms in vain`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The code that `promise` rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: GossipError) => error.code
  )
}
