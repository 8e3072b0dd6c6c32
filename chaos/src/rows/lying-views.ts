/** Row 23: views that lie: about ages, about who is where, about how many there are, and to nobody's question. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import {
  createRng,
  MAX_AGE,
  MAX_VIEW_ENTRIES,
  pick,
  type Address,
  type GossipOptions,
  type GossipService,
  type Message,
  type Peer,
  type Rng
} from '@rumormill/protocol'
import { hostilePeer, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { contentOf } from '../ledger.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { until } from '../until.ts'

const HONEST = 4
const VIEW_SIZE = 30
const BATCH = 50
const UPDATES = 40
const TOO_MANY = 1000

export const lyingViews: Row = { number: 23, name: 'lies in views', mode: 'L', run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const messages = short ? 2000 : 20_000
  const rng = createRng(seed)
  const group = new SocketGroup()
  const liar = hostilePeer({
    transport: tcpTransport(),
    codec: binaryCodec({ maxPeers: TOO_MANY })
  })
  const complaints = new Set<string>()
  try {
    let [own, read] = ['', 0]
    const observe: NonNullable<GossipOptions['observe']> = (event) => {
      if ((event.kind === 'received' || event.kind === 'malformed') && event.from === own) read++
    }
    const victim = await gather(group, observe)
    own = await liar.start()
    const told = async (batch: readonly Message[]): Promise<void> => {
      const before = read
      for (const message of batch) await liar.say(victim.address, message)
      await until(() => read >= before + batch.length, 5000, 1)
      for (const complaint of wrongs(victim.peers(), victim.address, own)) complaints.add(complaint)
    }
    // An answer that was asked for is believed; the same unsolicited is not. Ghosts of either kind have ports of their own.
    await told(
      Array.from({ length: 100 }, () => ({ kind: 'view-response', view: ghosts(8, 1, rng) }))
    )
    const ofUnsolicited = ghostsIn(victim.peers(), 1)
    const { unsolicited } = victim.stats().dropped
    const ofAsked = await answerWithGhosts(liar, own, victim, rng)
    for (let said = 0; said < messages; said += BATCH) {
      await told(Array.from({ length: BATCH }, () => lie(victim.address, own, rng)))
      if (said % 500 === 0) group.submit((said / 500) % HONEST, contentOf(0, 64))
    }
    await told(
      Array.from({ length: 10 }, () => ({ kind: 'view-request', view: ghosts(TOO_MANY, 20, rng) }))
    )
    const ofTooMany = ghostsIn(victim.peers(), 20)
    while (group.submitted.length < UPDATES)
      group.submit(group.submitted.length % HONEST, contentOf(0, 64))
    const lost = await group.settle(20_000)
    await delay(200)
    const { dropped, malformed, viewSize } = victim.stats()
    return {
      load: `${HONEST} nodes, ${group.submitted.length} updates`,
      faults: 'one liar whom the victim gossips with',
      badInputs: messages + 110,
      lost,
      duplicates: group.duplicates,
      note:
        `view at most ${VIEW_SIZE}, ${viewSize} in the end; ${unsolicited} unsolicited answers and ${malformed} views of ${TOO_MANY} refused, ` +
        `${dropped['view-truncated']} entries cut off; of what was asked for ${ofAsked} entries were believed, of the rest ${ofUnsolicited + ofTooMany}`,
      complaints: [...complaints, ...wronglyTrusted({ ofUnsolicited, ofAsked, ofTooMany })]
    }
  } finally {
    await Promise.all([liar.stop(), group.stop()])
  }
}

/** Starts the group, and returns the victim: its first node, which never stops reading what a liar says. */
async function gather(
  group: SocketGroup,
  observe: NonNullable<GossipOptions['observe']>
): Promise<GossipService> {
  // Without bans: each lie is read.
  await group.join({ gossip: { reputation: { maxPenalties: Infinity }, observe } })
  while (group.members.length < HONEST) await group.join()
  await Promise.all(group.members.slice(1).map(({ gossip }) => gossip.ready()))
  return group.members[0]!.gossip
}

/** Makes the victim ask the liar, who names ghosts of kind 2. Returns how many of them are in the victim's view then. */
async function answerWithGhosts(
  liar: HostilePeer,
  own: Address,
  victim: GossipService,
  rng: Rng
): Promise<number> {
  liar.react = (message) =>
    message.kind === 'view-request' ? { kind: 'view-response', view: ghosts(8, 2, rng) } : undefined
  await liar.say(victim.address, { kind: 'view-request', view: [{ address: own, age: 0 }] })
  await until(() => ghostsIn(victim.peers(), 2) > 0, 5000)
  return ghostsIn(victim.peers(), 2)
}

/** Complaints about which ghosts came into the view: only those of an answer that was asked for may. */
function wronglyTrusted(ghostsOf: {
  readonly ofUnsolicited: number
  readonly ofAsked: number
  readonly ofTooMany: number
}): string[] {
  return [
    ...(ghostsOf.ofUnsolicited > 0 ? ['an answer that nobody asked for was believed'] : []),
    ...(ghostsOf.ofAsked === 0
      ? ['an answer that was asked for was not believed: nothing was put to the test']
      : []),
    ...(ghostsOf.ofTooMany > 0 ? ['a view of 1,000 entries was believed'] : [])
  ]
}

/** What must never be true of a view. */
function wrongs(peers: readonly Peer[], self: string, liar: string): string[] {
  const addresses = peers.map(({ address }) => address)
  return [
    ...(peers.length > VIEW_SIZE ? [`${peers.length} entries are in the view`] : []),
    ...(addresses.includes(self) ? ['the victim is in its own view'] : []),
    ...(new Set(addresses).size < addresses.length ? ['somebody is twice in the view'] : []),
    // Its own word for itself has aged by the exchange; for anyone else it is a step older.
    ...(peers.some(({ address, age }) => isGhost(address) && age < 2 && address !== liar)
      ? ['others are as fresh as their sender']
      : []),
    ...(peers.some(({ age }) => !Number.isInteger(age) || age < 0 || age > MAX_AGE)
      ? ['an age is none']
      : [])
  ]
}

function lie(victim: string, liar: string, rng: Rng): Message {
  const entries = 1 + rng.below(MAX_VIEW_ENTRIES)
  const age = (): number => pick([0, 0, 1, rng.below(MAX_AGE), MAX_AGE], rng)!
  const address = (): string =>
    pick([victim, liar, liar, ghostAddress(3 + rng.below(10), rng)], rng)!
  const view = Array.from({ length: entries }, () => ({ address: address(), age: age() }))
  return { kind: rng.below(4) === 0 ? 'view-response' : 'view-request', view }
}

function ghosts(count: number, kind: number, rng: Rng): Peer[] {
  return Array.from({ length: count }, () => ({ address: ghostAddress(kind, rng), age: 0 }))
}

/** Nobody is there, and who calls is told so at once. */
function ghostAddress(kind: number, rng: Rng): string {
  return `127.0.${kind}.${1 + rng.below(250)}:1`
}

function ghostsIn(peers: readonly Peer[], kind: number): number {
  return peers.filter(({ address }) => address.startsWith(`127.0.${kind}.`)).length
}

function isGhost(address: string): boolean {
  return /^127\.0\.[1-9]\d*\.\d+:1$/.test(address)
}
