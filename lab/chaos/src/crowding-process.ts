/**
 * A process that crowds one node: with sockets that never say a word, opened anew when they are closed, and with
 * connections that are complete and never used. Started by `rows/crowds.ts`.
 */

import { connect } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { obeyParent } from '@rumormill/harness/node-process'
import { createNode } from '@rumormill/transport-libp2p/node'
import { helloFrame } from './hostile-socket.ts'
import type { TransportKind } from './timed-node-process.ts'

export interface CrowdingOrder {
  readonly transport: TransportKind
  /** The node. */
  readonly address: string
  /** Where this process is. */
  readonly host: string
  /** Sockets that say nothing. */
  readonly silent: number
  /** Connections that are not used: over TCP after their hello, over libp2p after the handshakes. */
  readonly idle: number
}

export interface CrowdingNews {
  /** How many connections there have been so far; told again and again. */
  readonly opened: number
  /** Whether the last of the idle ones has been opened. */
  readonly isComplete: boolean
}

const PROTOCOL = '/rumormill/1/chaos/binary'
const REOPEN_MS = 20
const TELL_EVERY_MS = 200

let opened = 0
let isComplete = false

obeyParent(crowd)

async function crowd({ transport, address, host, silent, idle }: CrowdingOrder): Promise<void> {
  setInterval(() => process.send!({ opened, isComplete } satisfies CrowdingNews), TELL_EVERY_MS)
  const place = placeOf(transport, address)
  for (let index = 0; index < silent; index++) openSilent(place)
  for (let index = 0; index < idle; index++) {
    if (transport === 'tcp') openIdle(place, `${host}:${1 + index}`)
    else await dialIdle(address)
  }
  isComplete = true
}

interface SocketPlace {
  readonly host: string
  readonly port: number
}

function placeOf(transport: TransportKind, address: string): SocketPlace {
  const [host, port] =
    transport === 'tcp'
      ? address.split(':')
      : address.split('/').filter((_, at) => at === 2 || at === 4)
  return { host: host!, port: Number(port) }
}

function openSilent(place: SocketPlace): void {
  const socket = connect(place, () => opened++).resume()
  socket.on('error', () => {})
  socket.once('close', () => setTimeout(() => openSilent(place), REOPEN_MS * (0.5 + Math.random())))
}

/** A member as far as the node can see, which says nothing else. */
function openIdle(place: SocketPlace, own: string): void {
  const socket = connect(place, () => opened++).resume()
  socket.on('error', () => {})
  socket.write(helloFrame(PROTOCOL, own))
}

/** Each has a key of its own. */
async function dialIdle(address: string): Promise<void> {
  const node = await createNode({ listen: [] })
  try {
    await node.dial(multiaddr(address))
    opened++
  } catch {
    // The node refuses it at the moment.
  }
}
