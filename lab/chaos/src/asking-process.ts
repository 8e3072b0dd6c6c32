/** A process with many peers that request contents of one node and never read, and one that reads. Started by `rows/unread.ts`. */

import { setTimeout as delay } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { obeyParent } from '@rumormill/harness/node-process'
import { until } from '@rumormill/harness/until'
import { createNode } from '@rumormill/transport-libp2p/node'
import { ContentReader, frameOf, Requests } from './asking.ts'
import { dial, helloFrame } from './hostile-socket.ts'
import type { TransportKind } from './timed-node-process.ts'

export interface AskingOrder {
  readonly transport: TransportKind
  /** The node, and the number and size of its contents. */
  readonly address: string
  readonly updates: number
  readonly bytes: number
  /** How many peers send requests and do not read. */
  readonly peers: number
}

/** The counts so far, sent to the parent repeatedly. */
export interface AskingNews {
  /** Requests of the peers that do not read. */
  readonly requests: number
  /** How many contents the reading peer requested, and how many arrived. */
  readonly requested: number
  readonly got: number
}

const PROTOCOL = '/rumormill/1/chaos/binary'
/** A loopback address on which nothing listens. */
const HOST = '127.0.9.1'
/** Contents per request of a peer that does not read: more than one answer holds. */
const UNREAD_CONTENTS = 60
/** Contents per request of the peer that reads: fewer than one answer holds. */
const READ_CONTENTS = 10
const ASK_EVERY_MS = 300
const TELL_EVERY_MS = 200
const PATIENCE_MS = 60_000

/** A connection to the node. */
interface Line {
  write(bytes: Uint8Array): void
  /** Resolves when it is closed. */
  readonly closed: Promise<void>
}

/** Opens a connection for a peer; without a reader nothing is read from it. */
type Open = (index: number, reader?: ContentReader) => Promise<Line>

const counts = { requests: 0, requested: 0, got: 0 }

obeyParent(ask)

async function ask({ transport, address, updates, bytes, peers }: AskingOrder): Promise<void> {
  const requests = new Requests(updates, bytes)
  const open = transport === 'tcp' ? tcpLines(address) : libp2pLines(address)
  setInterval(() => process.send!(counts satisfies AskingNews), TELL_EVERY_MS)
  void askAndRead(open, requests)
  for (let index = 1; index <= peers; index++) {
    void askUnread(open, index, requests)
    await delay(5)
  }
}

/** Sends requests repeatedly, on a new connection when the node has closed the last one. */
async function askUnread(open: Open, index: number, requests: Requests): Promise<void> {
  for (;;) {
    try {
      const line = await open(index)
      const timer = setInterval(() => {
        line.write(requests.frame(requests.next(UNREAD_CONTENTS)))
        counts.requests++
      }, ASK_EVERY_MS)
      await line.closed
      clearInterval(timer)
    } catch {
      // The node refuses the connection at the moment.
    }
    await delay(100)
  }
}

/** Requests some contents, and more when they have arrived. */
async function askAndRead(open: Open, requests: Requests): Promise<void> {
  const reader = new ContentReader()
  const line = await open(0, reader)
  for (;;) {
    const ids = requests.next(READ_CONTENTS)
    const count = (): number => ids.filter((id) => reader.contents.has(id)).length
    const before = counts.got
    counts.requested += ids.length
    line.write(requests.frame(ids))
    await until(() => {
      counts.got = before + count()
      return count() === ids.length
    }, PATIENCE_MS)
    // Repeated contents must not count.
    for (const id of ids) reader.contents.delete(id)
    await delay(ASK_EVERY_MS)
  }
}

function tcpLines(address: string): Open {
  let port = 0
  return (_, reader) => {
    const { socket } = dial(address, HOST)
    if (reader === undefined) socket.pause()
    else {
      socket.on('data', (chunk) => {
        const answer = reader.read(chunk)
        if (answer !== undefined) socket.write(answer)
      })
    }
    port = 1 + (port % 1000)
    socket.write(helloFrame(PROTOCOL, `${HOST}:${port}`))
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()))
    return Promise.resolve({ write: (bytes: Uint8Array) => void socket.write(bytes), closed })
  }
}

/** Opens connections over libp2p; each peer has its own key. */
function libp2pLines(address: string): Open {
  const peers = new Map<number, ReturnType<typeof listen>>()
  return async (index, reader) => {
    const peer = await (peers.get(index) ?? listen(reader))
    peers.set(index, Promise.resolve(peer))
    const connection = await peer.dial(multiaddr(address))
    const stream = await connection.newStream(PROTOCOL)
    const closed = new Promise<void>((resolve) => {
      stream.addEventListener('close', () => resolve())
    })
    stream.send(frameOf(new TextEncoder().encode(peer.getMultiaddrs()[0]!.toString())))
    return { write: (bytes) => void (stream.status === 'open' && stream.send(bytes)), closed }
  }
}

/** Listens for the stream on which the node sends, and reads it if there is a reader. */
async function listen(reader: ContentReader | undefined): ReturnType<typeof createNode> {
  const peer = await createNode()
  await peer.handle(PROTOCOL, (stream) => {
    if (reader === undefined) return stream.pause()
    stream.addEventListener('message', ({ data }) => {
      const answer = reader.read(data.subarray())
      if (answer !== undefined) stream.send(answer)
    })
  })
  return peer
}
