/** Row 23: views with false ages, false addresses, too many entries, or without a request. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import type { Address, GossipOptions, GossipService, Peer } from '@rumormill/protocol'
import { pick } from '@rumormill/protocol/engine'
import { createRng, FIELDS, MAX_AGE, type Message, type Rng } from '@rumormill/protocol/plugin'
import { hostilePeer, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const CORRECT = 4
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
    const sendBatch = async (batch: readonly Message[]): Promise<void> => {
      const before = read
      for (const message of batch) await liar.say(victim.address, message)
      await until(() => read >= before + batch.length, 5000, 1)
      for (const complaint of wrongs(victim.peers(), victim.address, own)) complaints.add(complaint)
    }
    // A requested answer is accepted, an unsolicited one is not. The ghosts of each kind have their own addresses.
    await sendBatch(Array.from({ length: 100 }, () => unrequested(rng)))
    const ofUnsolicited = ghostsIn(victim.peers(), 1)
    const { unsolicited } = victim.stats().dropped
    const ofRequested = await answerWithGhosts(liar, own, victim, rng)
    for (let said = 0; said < messages; said += BATCH) {
      await sendBatch(Array.from({ length: BATCH }, () => lie(victim.address, own, rng)))
      if (said % 500 === 0) group.submit((said / 500) % CORRECT, contentOf(0, 64))
    }
    await sendBatch(
      Array.from({ length: 10 }, () => ({ kind: 'view-request', view: ghosts(TOO_MANY, 20, rng) }))
    )
    const ofTooMany = ghostsIn(victim.peers(), 20)
    while (group.submitted.length < UPDATES)
      group.submit(group.submitted.length % CORRECT, contentOf(0, 64))
    const lost = await group.settle(20_000)
    await delay(200)
    const { dropped, malformed, viewSize } = victim.stats()
    return {
      load: `${CORRECT} nodes, ${group.submitted.length} updates`,
      faults: 'one liar with which the victim gossips',
      badInputs: messages + 110,
      lost,
      duplicates: group.duplicates,
      figures: [
        amount('view in the end', viewSize, { limit: VIEW_SIZE }),
        amount('unsolicited answers refused', unsolicited),
        amount(`views of ${TOO_MANY} refused`, malformed),
        amount('entries cut off', dropped['view-truncated']),
        amount('entries of requested answers accepted', ofRequested),
        amount('entries of others accepted', ofUnsolicited + ofTooMany)
      ],
      complaints: [...complaints, ...wronglyTrusted({ ofUnsolicited, ofRequested, ofTooMany })]
    }
  } finally {
    await Promise.all([liar.stop(), group.stop()])
  }
}

function unrequested(rng: Rng): Message {
  return { kind: 'view-response', view: ghosts(8, 1, rng) }
}

/** Starts the group, and returns the victim: the first node, which never bans the liar. */
async function gather(
  group: SocketGroup,
  observe: NonNullable<GossipOptions['observe']>
): Promise<GossipService> {
  // No bans, so that every lie is read.
  await group.join({ gossip: { reputation: { maxPenalties: Infinity }, observe } })
  while (group.members.length < CORRECT) await group.join()
  await Promise.all(group.members.slice(1).map(({ gossip }) => gossip.ready()))
  return group.members[0]!.gossip
}

/** Makes the victim ask the liar, which names ghosts of kind 2. Returns how many of them are then in the victim's view. */
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

/** Returns complaints about ghosts in the view: only those of a requested answer may be there. */
function wronglyTrusted(ghostsOf: {
  readonly ofUnsolicited: number
  readonly ofRequested: number
  readonly ofTooMany: number
}): string[] {
  return [
    ...(ghostsOf.ofUnsolicited > 0 ? ['an unsolicited answer was accepted'] : []),
    ...(ghostsOf.ofRequested === 0
      ? ['a requested answer was not accepted, so nothing was tested']
      : []),
    ...(ghostsOf.ofTooMany > 0 ? ['a view of 1,000 entries was accepted'] : [])
  ]
}

/** Returns the violated conditions of a view. */
function wrongs(peers: readonly Peer[], self: string, liar: string): string[] {
  const addresses = peers.map(({ address }) => address)
  return [
    ...(peers.length > VIEW_SIZE ? [`${peers.length} entries are in the view`] : []),
    ...(addresses.includes(self) ? ['the victim is in its own view'] : []),
    ...(new Set(addresses).size < addresses.length ? ['a peer is twice in the view'] : []),
    // The entry of the sender has aged by one exchange; all others must be older.
    ...(peers.some(({ address, age }) => isGhost(address) && age < 2 && address !== liar)
      ? ['entries of others are as fresh as their sender']
      : []),
    ...(peers.some(({ age }) => !Number.isInteger(age) || age < 0 || age > MAX_AGE)
      ? ['an age is invalid']
      : [])
  ]
}

function lie(victim: string, liar: string, rng: Rng): Message {
  const entries = 1 + rng.below(FIELDS.view.most)
  const age = (): number => pick([0, 0, 1, rng.below(MAX_AGE), MAX_AGE], rng)!
  const address = (): string =>
    pick([victim, liar, liar, ghostAddress(3 + rng.below(10), rng)], rng)!
  const view = Array.from({ length: entries }, () => ({ address: address(), age: age() }))
  return { kind: rng.below(4) === 0 ? 'view-response' : 'view-request', view }
}

function ghosts(count: number, kind: number, rng: Rng): Peer[] {
  return Array.from({ length: count }, () => ({ address: ghostAddress(kind, rng), age: 0 }))
}

/** Returns an address on which nothing listens, so that dials fail at once. */
function ghostAddress(kind: number, rng: Rng): string {
  return `127.0.${kind}.${1 + rng.below(250)}:1`
}

function ghostsIn(peers: readonly Peer[], kind: number): number {
  return peers.filter(({ address }) => address.startsWith(`127.0.${kind}.`)).length
}

function isGhost(address: string): boolean {
  return /^127\.0\.[1-9]\d*\.\d+:1$/.test(address)
}
