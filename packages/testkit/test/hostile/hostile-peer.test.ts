import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { createRng, FIELDS, type Rng } from '@rumormill/protocol/plugin'
import { expect, test } from 'vitest'
import {
  answerViews,
  crowdedView,
  fakeOffer,
  garbage,
  repeatedView,
  unsolicitedResponses,
  wrongContents
} from '../../src/hostile/hostile-behaviour.ts'
import { hostilePeer, type HostilePeer, type Reaction } from '../../src/hostile/hostile-peer.ts'
import { manualClock, memoryNetwork, type ManualClock } from '../../src/index.ts'

/** More than a node takes in one view, and no more than a codec carries. */
const LONG = FIELDS.view.most

/** What a node with a view of 30 takes of one message: as many, and the sender itself. */
const TAKEN = 31

interface Siege {
  readonly clock: ManualClock
  readonly rng: Rng
  readonly victim: GossipService
  readonly correct: GossipService
  readonly hostile: HostilePeer
  /** What the victim's handler was given. */
  readonly handled: readonly string[]
}

/** A victim between a correct peer and a hostile one. After the attack, `act`, correct gossip must still get through. */
async function besiege(
  react: Reaction | undefined,
  act: (siege: Siege) => Promise<void>
): Promise<void> {
  const clock = manualClock()
  const rng = createRng(11)
  const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
  const handled: string[] = []
  const node = (address: string, peers: readonly string[], updates: string[]): GossipService =>
    createGossip({
      transport: network.transport(address),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      clock,
      rng: rng.fork(),
      handler: { onUpdate: ({ content }) => void updates.push(new TextDecoder().decode(content)) }
    })
  const [victim, correct] = [node('victim', ['correct'], handled), node('correct', [], [])]
  const codec = binaryCodec({ maxPeers: 1000 })
  const transport = network.transport('hostile')
  const hostile = hostilePeer({ transport, codec, ...(react === undefined ? {} : { react }) })
  await Promise.all([correct.start(), victim.start(), hostile.start()])
  await clock.advance(2000)
  await act({ clock, rng, victim, correct, hostile, handled })
  expect(handled).toEqual([])
  expect(victim.stats().viewSize).toBeLessThanOrEqual(30)
  expect(victim.peers().map(({ address }) => address)).not.toContain('victim')
  correct.submit(new TextEncoder().encode('correct'))
  await clock.advance(10_000)
  expect(handled).toEqual(['correct'])
  expect(hostile.failures).toEqual([])
  await Promise.all([victim.stop(), correct.stop(), hostile.stop()])
  // What was on the way at the stop arrives nowhere; nothing else may be left.
  await clock.advance(5)
  expect(clock.pendingWakes).toBe(0)
}

test('a flood of offers never served opens a handful of requests, and they lapse', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    for (let n = 0; n < 5; n++) await hostile.say('victim', fakeOffer(1000, rng))
    await clock.advance(20)
    expect(victim.stats().pendingRequests).toBe(8)
    expect(victim.stats().dropped['request-limit']).toBe(5000 - 256)
    const asked = hostile.heard.filter(({ message }) => message.kind === 'content-request')
    expect(asked.map(({ from }) => from)).toEqual(['victim'])
    await clock.advance(20_000)
    expect([victim.stats().pendingRequests, victim.stats().dropped['not-delivered']]).toEqual([
      0, 256
    ])
  })
})

test('responses that nobody asked for are dropped and counted', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    const [before, known] = [victim.stats().dropped.unsolicited, victim.peers().length]
    for (const message of unsolicitedResponses(rng)) await hostile.say('victim', message)
    await clock.advance(20)
    expect(victim.stats().dropped.unsolicited - before).toBe(3)
    expect(victim.peers()).toHaveLength(known)
  })
})

test('contents that do not match what was asked are not accepted', async () => {
  await besiege(wrongContents(50, createRng(3)), async ({ clock, rng, victim, hostile }) => {
    const before = victim.stats().dropped.unsolicited
    await hostile.say('victim', fakeOffer(10, rng))
    await clock.advance(50)
    expect(victim.stats().dropped.unsolicited - before).toBe(10)
    expect([victim.stats().activeUpdates, victim.stats().pendingRequests]).toEqual([0, 0])
  })
})

test('long views, views of the victim and of duplicates leave the view bounded and without itself', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    for (let n = 0; n < 10; n++) {
      const crowd = crowdedView(LONG, rng)
      await hostile.say('victim', crowd)
      await hostile.say('victim', repeatedView('victim', LONG))
      await hostile.say('victim', repeatedView('somebody', LONG))
      await clock.advance(20)
      const addresses = victim.peers().map(({ address }) => address)
      expect(addresses.length).toBeLessThanOrEqual(30)
      expect(new Set(addresses).size).toBe(addresses.length)
      expect(addresses).not.toContain('victim')
      const beyond = crowd.view.slice(TAKEN).map(({ address }) => address)
      expect(addresses.filter((address) => beyond.includes(address))).toEqual([])
    }
    expect(victim.stats().dropped['view-truncated']).toBe(30 * (LONG - TAKEN))
  })
})

test('a view of a thousand entries is no message to a node of the default caps', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    const known = victim.peers()
    await hostile.say('victim', crowdedView(1000, rng))
    await clock.advance(5)
    expect(victim.stats().malformed).toBe(1)
    expect(victim.peers().map(({ address }) => address)).toEqual(
      known.map(({ address }) => address)
    )
  })
})

test('an asked peer that answers with the address of the asker is not believed', async () => {
  const lies = Array.from({ length: LONG }, () => ({ address: 'victim', age: 0 }))
  await besiege(answerViews(lies), async ({ clock, victim, hostile }) => {
    await hostile.say('victim', { kind: 'view-request', view: [{ address: 'hostile', age: 0 }] })
    await clock.advance(5000)
    expect(hostile.heard.some(({ message }) => message.kind === 'view-request')).toBe(true)
    expect(victim.stats().dropped['view-truncated']).toBeGreaterThan(0)
  })
})

test('garbage of an unknown version or kind is counted, and delays nobody', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    const messages = garbage(500, rng).filter(([version]) => version !== 1)
    for (const bytes of messages) await hostile.sayBytes('victim', bytes)
    await clock.advance(5)
    const { malformed, dropped, bannedPeers } = victim.stats()
    expect([malformed, dropped['unknown-message'], bannedPeers]).toEqual([0, messages.length, 0])
  })
})

test('garbage is counted as malformed, until its sender is no longer read', async () => {
  await besiege(undefined, async ({ clock, rng, victim, hostile }) => {
    const before = victim.stats().receivedMessages
    // The head of messages that the codec knows.
    const messages = garbage(500, rng).map((bytes, n) => Uint8Array.of(1, 1 + (n % 13), ...bytes))
    for (const bytes of messages) await hostile.sayBytes('victim', bytes)
    await clock.advance(5)
    const { malformed, receivedMessages, dropped, bannedPeers } = victim.stats()
    expect([malformed >= 3, malformed < 20, bannedPeers]).toEqual([true, true, 1])
    expect(malformed + dropped['peer-banned'] + receivedMessages - before).toBeGreaterThanOrEqual(
      messages.length
    )
  })
})

test('a hostile peer keeps its faults to itself, for the test to see', async () => {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const codec = binaryCodec()
  const peer = (address: string): HostilePeer =>
    hostilePeer({ transport: network.transport(address), codec, network: 'siege' })
  const [a, b] = [peer('a'), peer('b')]
  await Promise.all([a.start(), b.start()])
  b.react = () => {
    throw new Error('a fault of the test')
  }
  const bytes = Uint8Array.of(1)
  await a.sayBytes('b', bytes)
  await a.say('b', { kind: 'view-request', view: [] })
  await clock.advance(0)
  expect(b.failures.map(String)).toEqual([
    expect.stringContaining('MALFORMED_MESSAGE'),
    'Error: a fault of the test'
  ])
  expect(b.heard).toEqual([{ from: 'a', message: { kind: 'view-request', view: [] } }])
  expect(bytes).toEqual(Uint8Array.of(1))
  await Promise.all([a.stop(), b.stop()])
  await expect(a.sayBytes('b', bytes)).rejects.toMatchObject({ code: 'NOT_RUNNING' })
})
