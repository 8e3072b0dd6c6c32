/** Row 39: a member that names addresses of a host which has nothing to do with the group. It must not be flooded with dials. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount, type Figure } from '@rumormill/harness/figure'
import { createRng, FIELDS, type Rng, type Transport } from '@rumormill/protocol/plugin'
import { hostilePeer } from '@rumormill/testkit'
import { standaloneTransport } from '@rumormill/transport-libp2p/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { toString } from 'uint8arrays'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'
import type { TransportKind } from '../timed-node-process.ts'

const NODES = 4
const PORTS = 200
/** The named host. All of 127/8 is this machine, so each of these addresses is a host of its own. */
const HOST = '127.0.3.1'
/** For the control, the same number of addresses on as many hosts. */
const controlHost = (index: number): string => `127.0.4.${index + 1}`
const SAY_EVERY_MS = 500
/** Per node and host: two dials a second, and two at once after a pause. */
const DIALS_PER_SECOND = 2
const BURST = 2
const CONTROL_SECONDS = 3

export const namedHosts: Row = {
  number: 39,
  name: 'a host that others name',
  mode: 'L',
  run
}

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const seconds = short ? 3 : 60
  const trials: Trial[] = []
  for (const kind of ['tcp', 'libp2p'] as const) trials.push(await name(kind, seconds, seed))
  return {
    load: `${NODES} nodes, over TCP and over libp2p`,
    faults: `a member that names ${PORTS} addresses of one host for ${seconds} s`,
    badInputs: trials.reduce((sum, { said }) => sum + said, 0),
    lost: trials.reduce((sum, { lost }) => sum + lost, 0),
    duplicates: trials.reduce((sum, { duplicates }) => sum + duplicates, 0),
    figures: trials.flatMap((trial) => figuresOf(trial, seconds)),
    complaints: trials.flatMap((trial) => complaintsOf(trial, seconds))
  }
}

/** What came of one transport. Dials are those of all nodes together. */
interface Trial {
  readonly kind: TransportKind
  readonly said: number
  readonly dials: number
  /** The same with each address on a host of its own. */
  readonly controlDials: number
  readonly lost: number
  readonly duplicates: number
}

async function name(kind: TransportKind, seconds: number, seed: number): Promise<Trial> {
  const attack = await attackOn(kind, seconds, seed, () => HOST)
  const control = await attackOn(kind, CONTROL_SECONDS, seed, controlHost)
  return { ...attack, kind, controlDials: control.dials }
}

async function attackOn(
  kind: TransportKind,
  seconds: number,
  seed: number,
  hostOf: (index: number) => string
): Promise<Pick<Trial, 'said' | 'dials' | 'lost' | 'duplicates'>> {
  const rng = createRng(seed)
  const group = new SocketGroup()
  const liar = hostilePeer({ transport: transportOf(kind), codec: binaryCodec() })
  let dials = 0
  const servers = await listenOn(hostOf, () => dials++)
  try {
    const addresses = servers.map((server) => addressOf(kind, server, rng))
    for (let node = 0; node < NODES; node++)
      await group.join({ gossip: { transport: transportOf(kind) } })
    await Promise.all(group.members.slice(1).map(({ gossip }) => gossip.ready()))
    await liar.start()
    let said = 0
    for (const endMs = performance.now() + 1000 * seconds; performance.now() < endMs;) {
      for (const { gossip } of group.members) {
        const view = addressesFrom(addresses, rng).map((address) => ({ address, age: 0 }))
        // A node that has no slot free for the liar at the moment is told the next time.
        await liar.say(gossip.address, { kind: 'view-request', view }).catch(() => {})
        said++
      }
      group.submit(said % NODES, contentOf(0, 64))
      await delay(SAY_EVERY_MS)
    }
    const lost = await group.settle(20_000)
    return { said, dials, lost, duplicates: group.duplicates }
  } finally {
    await Promise.all([liar.stop(), group.stop()])
    for (const server of servers) server.close()
  }
}

function transportOf(kind: TransportKind): Transport {
  return kind === 'tcp' ? tcpTransport() : standaloneTransport()
}

/** Listens on {@link PORTS} ports. What connects is counted by `dialled` and closed at once. */
async function listenOn(hostOf: (index: number) => string, dialled: () => void): Promise<Server[]> {
  const servers = Array.from({ length: PORTS }, (_, index) => {
    const server = createServer((socket) => {
      dialled()
      socket.on('error', () => {})
      socket.destroy()
    })
    return server.listen(0, hostOf(index))
  })
  for (const server of servers) if (!server.listening) await once(server, 'listening')
  return servers
}

function addressOf(kind: TransportKind, server: Server, rng: Rng): string {
  const { address, port } = server.address() as AddressInfo
  return kind === 'tcp'
    ? `${address}:${port}`
    : `/ip4/${address}/tcp/${port}/p2p/${randomPeerId(rng)}`
}

/** The peer id of an Ed25519 key that nobody has. */
function randomPeerId(rng: Rng): string {
  // An identity multihash of 36 bytes, in which is a public key of type 1 with 32 bytes.
  const bytes = Uint8Array.of(0, 36, 8, 1, 18, 32, ...new Uint8Array(32))
  for (let at = 6; at < bytes.length; at++) bytes[at] = rng.below(256)
  return toString(bytes, 'base58btc')
}

function addressesFrom(addresses: readonly string[], rng: Rng): string[] {
  const count = Math.min(14, FIELDS.view.most)
  const first = rng.below(addresses.length)
  return Array.from({ length: count }, (_, index) => addresses[(first + index) % addresses.length]!)
}

function mostDials(seconds: number): number {
  return NODES * (BURST + DIALS_PER_SECOND * seconds)
}

function complaintsOf({ kind, dials, controlDials }: Trial, seconds: number): string[] {
  return [
    ...(dials <= mostDials(seconds + 1) ? [] : [`${kind}: ${dials} dials in ${seconds} s`]),
    ...(dials > 0 ? [] : [`${kind}: the host was never dialled, which shows no limit`]),
    ...(controlDials > mostDials(CONTROL_SECONDS + 1)
      ? []
      : [`${kind}: the control came to ${controlDials} dials only`])
  ]
}

function figuresOf({ kind, dials, controlDials }: Trial, seconds: number): Figure[] {
  return [
    amount(`${kind}, dials`, dials, { limit: mostDials(seconds + 1) }),
    amount(
      `${kind}, control with a host for each address, dials in ${CONTROL_SECONDS} s`,
      controlDials
    )
  ]
}
