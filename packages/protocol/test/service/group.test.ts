import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { manualClock, memoryArchive, memoryDisk, memoryNetwork } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { createGossip, createRng, digestOf, staticPeers } from '../../src/index.ts'
import type {
  Codec,
  GossipEvent,
  GossipOptions,
  GossipService,
  PeerSource,
  Transport,
  Update,
  Validator,
  Verdict
} from '../../src/index.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A group over the memory network under virtual time. */
function group(seed = 1): {
  clock: ReturnType<typeof manualClock>
  network: ReturnType<typeof memoryNetwork>
  node: (
    address: string,
    peers: readonly string[] | PeerSource,
    changes?: Partial<GossipOptions>
  ) => TestNode
} {
  const clock = manualClock()
  const rng = createRng(seed)
  const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
  const node = (
    address: string,
    peers: readonly string[] | PeerSource,
    changes: Partial<GossipOptions> = {}
  ): TestNode => {
    const updates: string[] = []
    const events: GossipEvent[] = []
    const gossip = createGossip({
      transport: network.transport(address),
      codec: binaryCodec(),
      peers: 'peers' in peers ? peers : staticPeers(peers),
      handler: {
        onUpdate: ({ content }: Update) => void updates.push(new TextDecoder().decode(content))
      },
      clock,
      rng: rng.fork(),
      observe: (event) => void events.push(event),
      ...changes
    })
    return {
      gossip,
      updates,
      events,
      codes: () => events.flatMap((each) => (each.kind === 'failed' ? [each.error.code] : []))
    }
  }
  return { clock, network, node }
}

interface TestNode {
  readonly gossip: GossipService
  readonly updates: string[]
  readonly events: GossipEvent[]
  readonly codes: () => string[]
}

async function startAll(nodes: readonly TestNode[]): Promise<void> {
  for (const { gossip } of nodes) await gossip.start()
}

describe('a group', () => {
  it.each<[string, () => Codec]>([
    ['json', jsonCodec],
    ['binary', binaryCodec]
  ])('of ten over %s spreads everything once', async (_name, codec) => {
    const { clock, node } = group()
    const nodes = Array.from({ length: 10 }, (_, n) =>
      node(`n${n}`, n === 0 ? [] : ['n0'], { codec: codec() })
    )
    await startAll(nodes)
    await clock.advance(1500)
    expect(nodes.map(({ gossip }) => gossip.peers().length)).toEqual(Array(10).fill(9))
    nodes.forEach(({ gossip }, n) => gossip.submit(bytes(`from ${n}`)))
    await clock.advance(3000)
    nodes.forEach(({ updates }, n) => {
      expect(updates.toSorted()).toEqual(
        nodes.map((_, each) => `from ${each}`).filter((_, each) => each !== n)
      )
    })
    for (const { gossip } of nodes) await gossip.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('waits for the first peer: submitting alone is normal', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await a.gossip.start()
    expect(a.gossip.submit(bytes('early')).status).toBe('accepted')
    await clock.advance(60_000)
    await b.gossip.start()
    await clock.advance(2000)
    expect(b.updates).toEqual(['early'])
  })

  it('a node that restarts at the same address gets what is active', async () => {
    const { clock, network, node } = group()
    const nodes = ['a', 'b', 'c'].map((address) => node(address, address === 'a' ? [] : ['a']))
    await startAll(nodes)
    await clock.advance(2000)
    nodes[1]!.gossip.submit(bytes('x'))
    await clock.advance(2000)
    network.kill('a')
    await clock.advance(20_000)
    expect(nodes[1]!.gossip.peers().map(({ address }) => address)).toEqual(['c'])
    // It knows nobody; the others still try it now and then.
    const again = node('a', [])
    await again.gossip.start()
    await clock.advance(5000)
    expect(again.updates).toEqual(['x'])
  })

  it('crate flaw 9: another codec or network is told apart, once for each side, nothing hangs', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const others = [
      node('b', ['a'], { codec: jsonCodec() }),
      node('c', ['a'], { network: 'other' })
    ]
    await startAll([a, ...others])
    await clock.advance(1000)
    for (const { codes, gossip } of others) {
      expect(new Set(codes())).toEqual(new Set(['PROTOCOL_MISMATCH']))
      expect(gossip.stats().receivedMessages).toBe(0)
    }
    expect(a.codes()).toContain('PROTOCOL_MISMATCH')
    expect(a.gossip.peers()).toEqual([])
  })
})

describe('a peer that takes nothing', () => {
  it('crate flaw 4: delays nobody, and holds a bounded part of our memory', async () => {
    const { clock, network, node } = group()
    const inner = network.transport('a')
    const stuck: Transport = {
      maxMessageBytes: inner.maxMessageBytes,
      start: (receiver, options) => inner.start(receiver, options),
      send: (to, message, options) =>
        to === 'b' ? new Promise(() => {}) : inner.send(to, message, options),
      stop: () => inner.stop()
    }
    const a = node('a', [], { transport: stuck, sending: { maxMessagesPerPeer: 3 } })
    const others = [node('b', ['a']), node('c', ['a'])]
    await startAll([a, ...others])
    await clock.advance(5000)
    a.gossip.submit(bytes('x'))
    await clock.advance(2000)
    expect(others[1]!.updates).toEqual(['x'])
    expect(a.gossip.stats().sendingMessages).toBe(3)
    expect(a.gossip.stats().dropped['peer-busy']).toBeGreaterThan(0)
    await a.gossip.stop()
  })
})

describe('the handler', () => {
  it('crate flaw 28: may submit, and is called in order', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen: string[] = []
    const b: TestNode = node('b', ['a'], {
      handler: {
        onUpdate: ({ content }) => {
          seen.push(String(content))
          b.gossip.submit(bytes(`re: ${String(content)}`))
        }
      }
    })
    await startAll([a, b])
    for (const text of ['1', '2', '3']) a.gossip.submit(bytes(text))
    await clock.advance(3000)
    expect(seen).toEqual(['1', '2', '3'].map((text) => String(bytes(text))))
    expect(a.updates).toHaveLength(3)
  })

  it('crate flaw 29: may throw, reject or hang; later updates are still delivered', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen: number[] = []
    const b = node('b', ['a'], {
      handling: { timeoutMs: 1000 },
      handler: {
        onUpdate: ({ content }) => {
          seen.push(content[0]!)
          if (content[0] === 1) throw new Error('boom')
          if (content[0] === 2) return Promise.reject(new Error('boom later'))
          return content[0] === 3 ? new Promise<void>(() => {}) : undefined
        }
      }
    })
    await startAll([a, b])
    for (const n of [1, 2, 3, 4]) a.gossip.submit(new Uint8Array([n]))
    await clock.advance(5000)
    expect(seen).toEqual([1, 2, 3, 4])
    expect(b.codes()).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED', 'HANDLER_FAILED'])
    expect(b.gossip.stats().delivered).toBe(1)
  })

  it('crate flaw 6: a slow one bounds what is fetched, and loses nothing', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const seen = new Set<number>()
    const b = node('b', ['a'], {
      handling: { maxWaiting: 5 },
      handler: {
        onUpdate: ({ content }) =>
          new Promise((resolve) => {
            seen.add(content[0]!)
            clock.wakeAt(clock.now() + 100, resolve)
          })
      }
    })
    await startAll([a, b])
    await clock.advance(1000)
    for (let n = 0; n < 50; n++) a.gossip.submit(new Uint8Array([n]))
    for (let step = 0; step < 100; step++) {
      await clock.advance(100)
      const { waitingUpdates, pendingRequests } = b.gossip.stats()
      expect(waitingUpdates + pendingRequests).toBeLessThanOrEqual(5)
    }
    expect(seen.size).toBe(50)
    expect(b.gossip.stats().dropped['handler-busy']).toBeGreaterThan(0)
  })
})

describe('the validator', () => {
  const judge = (text: string): Verdict =>
    text === 'bad' ? 'reject' : text === 'old' ? 'ignore' : 'accept'
  const textOf = ({ content }: Update): string => new TextDecoder().decode(content)

  it.each<[string, Validator]>([
    ['at once', (update) => judge(textOf(update))],
    ['later', async (update) => judge(textOf(update))]
  ])('keeps out what it does not accept, and nobody passes it on, %s', async (_name, validate) => {
    const { clock, node } = group()
    const [a, b, c] = [
      node('a', []),
      node('b', ['a'], { validate }),
      node('c', ['b'], { validate, authorize: (peer) => peer !== 'a' })
    ]
    await startAll([a, b, c])
    await clock.advance(1000)
    for (const text of ['good', 'bad', 'old', 'fine']) a.gossip.submit(bytes(text))
    await clock.advance(10_000)
    expect([b.updates.toSorted(), c.updates.toSorted()]).toEqual([
      ['fine', 'good'],
      ['fine', 'good']
    ])
    expect(b.gossip.stats()).toMatchObject({ misbehaved: 1, judgedUpdates: 0, ignoredPeers: 0 })
    expect(b.gossip.stats().dropped['not-valid']).toBe(2)
    expect(b.gossip.status(digestOf(bytes('bad')))).toBe('expired')
  })

  it('that throws, hangs or answers nonsense is observed, and asked again later', async () => {
    const { clock, node } = group()
    const tries = new Map<string, number>()
    const validate = (update: Update): Verdict | Promise<Verdict> => {
      const text = textOf(update)
      const before = tries.get(text) ?? 0
      tries.set(text, before + 1)
      if (before > 0) return 'accept'
      if (text === 'throws') throw new Error('oops')
      if (text === 'hangs') return new Promise(() => {})
      return text as Verdict
    }
    const [a, b] = [node('a', []), node('b', ['a'], { validate, validation: { timeoutMs: 1000 } })]
    await startAll([a, b])
    await clock.advance(1000)
    for (const text of ['throws', 'hangs', 'nonsense']) a.gossip.submit(bytes(text))
    await clock.advance(10_000)
    expect(b.updates.toSorted()).toEqual(['hangs', 'nonsense', 'throws'])
    expect(b.codes()).toEqual(['VALIDATE_FAILED', 'VALIDATE_FAILED', 'VALIDATE_FAILED'])
  })

  it('judges no more at once than it is told', async () => {
    const { clock, node } = group()
    let [now, most] = [0, 0]
    const validate = async (): Promise<Verdict> => {
      most = Math.max(most, ++now)
      await new Promise<void>((resolve) => clock.wakeAt(clock.now() + 10, resolve))
      now--
      return 'accept'
    }
    const [a, b] = [node('a', []), node('b', ['a'], { validate, validation: { maxConcurrent: 3 } })]
    await startAll([a, b])
    await clock.advance(1000)
    for (let n = 0; n < 40; n++) a.gossip.submit(new Uint8Array([n]))
    await clock.advance(5000)
    expect([most, b.updates.length]).toEqual([3, 40])
  })
})

describe('who is let in', () => {
  it('an unauthorized peer is neither read nor told anything, and named to nobody', async () => {
    const { clock, node } = group()
    const authorize = (peer: string): boolean => peer !== 'mallory'
    const [a, b] = [node('a', ['mallory'], { authorize }), node('b', ['a'], { authorize })]
    const mallory = node('mallory', ['a', 'b'])
    await startAll([a, b, mallory])
    mallory.gossip.submit(bytes('lie'))
    a.gossip.submit(bytes('truth'))
    await clock.advance(5000)
    expect([a.updates, b.updates, mallory.updates]).toEqual([[], ['truth'], []])
    expect(
      [a, b].flatMap(({ gossip }) => gossip.peers().map(({ address }) => address)).sort()
    ).toEqual(['a', 'b'])
    expect(a.gossip.stats().dropped.unauthorized).toBeGreaterThan(0)
  })

  it('an authorizer that throws says no, and is observed', async () => {
    const { clock, node } = group()
    const [a, b] = [
      node('a', [], {
        authorize: () => {
          throw new Error('oops')
        }
      }),
      node('b', ['a'])
    ]
    await startAll([a, b])
    await clock.advance(1000)
    expect(a.gossip.peers()).toEqual([])
    expect(a.codes()[0]).toBe('AUTHORIZE_FAILED')
  })

  it('a peer that misbehaves three times leaves the view, and is not read for ten minutes', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    await a.gossip.start()
    const stranger = network.transport('stranger')
    await stranger.start(
      { receive: () => {}, fail: () => {} },
      { protocol: '/rumormill/1/default/binary' }
    )
    const say = async (message: Uint8Array): Promise<void> => {
      await stranger.send('a', message, { signal: new AbortController().signal })
      await clock.advance(10)
    }
    const hello = binaryCodec().encode({
      kind: 'view-request',
      view: [{ address: 'stranger', age: 0 }]
    })
    await say(hello)
    expect(a.gossip.peers()).toHaveLength(1)
    for (let n = 0; n < 3; n++) await say(new Uint8Array([255]))
    expect(a.events.at(-1)).toEqual({
      kind: 'misbehaved',
      peer: 'stranger',
      reason: 'malformed',
      ignoredMs: 600_000
    })
    await say(hello)
    expect([
      a.gossip.peers().length,
      a.gossip.stats().dropped.ignored,
      a.gossip.stats().ignoredPeers
    ]).toEqual([0, 1, 1])
    await clock.advance(600_000)
    await say(hello)
    expect(a.gossip.peers()).toHaveLength(1)
  })
})

describe('the peer source', () => {
  const failing: Record<string, PeerSource['peers']> = {
    throws: () => {
      throw new Error('no')
    },
    rejects: () => Promise.reject(new Error('no')),
    hangs: () => new Promise(() => {}),
    'is no list': () => Promise.resolve('a' as unknown as string[])
  }

  it.each(Object.entries(failing))(
    'that %s is reported, asked again, and then believed',
    async (_name, fail) => {
      const { clock, node } = group()
      const a = node('a', [])
      let asked = 0
      const b = node(
        'b',
        { peers: (options) => (++asked < 3 ? fail(options) : Promise.resolve(['a'])) },
        { sourcing: { timeoutMs: 2000 } }
      )
      await startAll([a, b])
      await clock.advance(500)
      expect(b.gossip.peers()).toEqual([])
      await clock.advance(10_000)
      expect(b.codes()).toEqual(['PEER_SOURCE_FAILED', 'PEER_SOURCE_FAILED'])
      expect(b.gossip.peers().map(({ address }) => address)).toEqual(['a'])
    }
  )

  it('may name this node among others; nothing but this node is told once', async () => {
    const { clock, node } = group()
    const a = node('a', ['a'])
    const b = node('b', ['a', 'b'])
    await startAll([a, b])
    await clock.advance(2000)
    expect(a.codes()).toEqual(['INVALID_PEER'])
    expect(b.codes()).toEqual([])
    expect(b.gossip.peers()).toHaveLength(1)
  })

  it('that names rubbish is told so; the rest is used', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const b = node('b', ['b', '', 'x'.repeat(300), 7 as unknown as string, 'a'])
    await startAll([a, b])
    await clock.advance(2000)
    expect(b.codes()).toEqual(['INVALID_PEER'])
    expect(b.events.find(({ kind }) => kind === 'failed')).toMatchObject({
      error: {
        message: expect.stringContaining(
          "4 of 5 entries are not addresses of other nodes, this node's own b among them"
        ) as string
      }
    })
    expect(b.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })

  it('crate flaw 16: is asked again when the view is empty, and now and then', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    let asked = 0
    const b = node(
      'b',
      { peers: () => Promise.resolve(asked++ < 1 ? ['a'] : ['c']) },
      { sampling: { maxPastPeers: 0 } }
    )
    const c = node('c', [])
    await startAll([a, b, c])
    await clock.advance(5000)
    expect(asked).toBe(1)
    network.kill('a')
    await clock.advance(10_000)
    expect(b.gossip.peers().map(({ address }) => address)).toEqual(['c'])
    const before = asked
    await clock.advance(60 * 500 + 1000)
    expect(asked).toBeGreaterThan(before)
  })

  it('is asked every few seconds while nobody is known, however long the periods', async () => {
    const { clock, node } = group()
    const b = node('b', ['a'], { preset: 'reference' })
    await b.gossip.start()
    await clock.advance(7000)
    await node('a', []).gossip.start()
    await clock.advance(5000)
    expect(b.gossip.peers()).toHaveLength(1)
  })

  it('with 100,000 entries is asked as many as there are in a view', async () => {
    const { node, clock, network } = group()
    const b = node(
      'b',
      Array.from({ length: 100_000 }, (_, n) => `far ${n}`)
    )
    await b.gossip.start()
    await clock.advance(100)
    const tried = new Set(
      b.events.flatMap((event) => (event.kind === 'failed' ? [event.peer] : []))
    )
    expect(tried.size).toBe(3)
    expect(network.counts.messages).toBe(0)
  })
})

describe('the life of a node', () => {
  it('ready: once a peer has answered', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    let ready = false
    await a.gossip.start()
    void a.gossip.ready().then(() => (ready = true))
    await clock.advance(5000)
    expect(ready).toBe(false)
    await b.gossip.start()
    await clock.advance(1000)
    expect(ready).toBe(true)
    await b.gossip.ready()
  })

  it('ready: ends by its signal, and by stop', async () => {
    const { node } = group()
    const a = node('a', [])
    await a.gossip.start()
    const reason = new Error('enough')
    await expect(a.gossip.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const stopping = new AbortController()
    const waits = [a.gossip.ready(), a.gossip.ready({ signal: stopping.signal })]
    stopping.abort(reason)
    await expect(waits[1]).rejects.toBe(reason)
    await a.gossip.stop()
    await expect(waits[0]).rejects.toMatchObject({ code: 'NOT_RUNNING' })
    await expect(a.gossip.ready()).rejects.toMatchObject({ code: 'NOT_RUNNING' })
  })

  it('crate flaw 33: a port in use is a rejection, and nothing is left open', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('a', [])]
    await a.gossip.start()
    await expect(b.gossip.start()).rejects.toMatchObject({ code: 'ADDRESS_UNAVAILABLE' })
    await a.gossip.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('crate flaw 31: stop succeeds, twice, and before start', async () => {
    const { node } = group()
    const [a, b] = [node('a', []), node('b', [])]
    await a.gossip.start()
    await Promise.all([a.gossip.stop(), a.gossip.stop()])
    await b.gossip.stop()
    await expect(b.gossip.start()).rejects.toMatchObject({ code: 'ALREADY_STARTED' })
    await expect(a.gossip.start()).rejects.toMatchObject({ code: 'ALREADY_STARTED' })
  })

  it('crate flaw 32: stop waits for no period and no handler', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const b = node('b', ['a'], { handler: { onUpdate: () => new Promise(() => {}) } })
    await startAll([a, b])
    await clock.advance(1000)
    for (const text of ['x', 'y', 'z']) a.gossip.submit(bytes(text))
    await clock.advance(1000)
    const beforeMs = clock.now()
    await b.gossip.stop()
    expect(clock.now()).toBe(beforeMs)
    expect(b.events.at(-1)).toEqual({ kind: 'dropped', reason: 'not-running', count: 2 })
  })

  it('stop waits until peers have fetched what was submitted, and takes nothing more', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    const beforeMs = clock.now()
    for (const text of ['last', 'words', 'x'.repeat(10_000)]) a.gossip.submit(bytes(text))
    const stopping = a.gossip.stop().then(() => clock.now())
    expect(() => a.gossip.submit(bytes('too late'))).toThrow(
      expect.objectContaining({ code: 'NOT_RUNNING' })
    )
    await clock.advance(1000)
    expect((await stopping) - beforeMs).toBeLessThan(100)
    expect(b.updates.map(({ length }) => length)).toEqual([4, 5, 10_000])
    expect(a.events.filter(({ kind }) => kind === 'dropped')).toEqual([])
  })

  it.each([
    ['cut off, stop waits as long as it was told', 700, 700],
    ['cut off, stop that may not wait does not', 0, 0],
    ['alone, stop has nobody to wait for', undefined, 0]
  ])('%s, and says how much nobody has', async (_name, graceMs, waitedMs) => {
    const { clock, network, node } = group()
    const [a, b] = [node('a', []), node('b', graceMs === undefined ? [] : ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    network.blackHole = true
    network.partition([['a'], ['b']])
    const beforeMs = clock.now()
    // Too large to be handed on without being asked for.
    for (const text of ['never', 'seen']) a.gossip.submit(bytes(text.padEnd(5000)))
    const stopping = a.gossip.stop(graceMs === undefined ? {} : { graceMs }).then(() => clock.now())
    await clock.advance(5000)
    expect((await stopping) - beforeMs).toBe(waitedMs)
    expect(a.events.filter(({ kind }) => kind === 'dropped')).toEqual([
      { kind: 'dropped', reason: 'unfetched', count: 2 }
    ])
  })

  it('stop waits neither for what has expired nor for what an archive has', async () => {
    const { clock, node } = group()
    const expiring = node('a', [], { dissemination: { expiration: { mode: 'duration', ms: 100 } } })
    const archived = node('b', ['a'], { archive: memoryArchive(memoryDisk()) })
    await startAll([expiring, archived])
    expiring.gossip.submit(bytes('short'))
    await clock.advance(5000)
    archived.gossip.submit(bytes('kept'))
    const beforeMs = clock.now()
    for (const { gossip, events } of [expiring, archived]) {
      await gossip.stop()
      expect(events.filter(({ kind }) => kind === 'dropped')).toEqual([])
    }
    expect(clock.now()).toBe(beforeMs)
  })

  it('stop during start', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    const starting = a.gossip.start()
    const stopping = a.gossip.stop()
    await expect(starting).rejects.toMatchObject({ code: 'NOT_RUNNING' })
    await stopping
    expect(clock.pendingWakes).toBe(0)
    await network.transport('a').start({ receive: () => {}, fail: () => {} }, { protocol: 'p' })
  })

  it('nothing works before start and after stop, and says so', async () => {
    const { node } = group()
    const { gossip } = node('a', [])
    const codes = (): unknown[] =>
      [
        () => gossip.submit(bytes('x')),
        () => gossip.address,
        () => gossip.peers(),
        () => gossip.stats(),
        () => gossip.status(digestOf(bytes('x')))
      ].map((use) => {
        try {
          use()
        } catch (error) {
          return (error as { code: string }).code
        }
      })
    expect(codes()).toEqual(Array(5).fill('NOT_RUNNING'))
    await gossip.start()
    expect(codes()).toEqual(Array(5).fill(undefined))
    await gossip[Symbol.asyncDispose]()
    expect(codes()).toEqual(Array(5).fill('NOT_RUNNING'))
  })

  it('an observer that throws changes nothing', async () => {
    const { clock, node } = group()
    const a = node('a', [], {
      observe: () => {
        throw new Error('no')
      }
    })
    const b = node('b', ['a'])
    await startAll([a, b])
    a.gossip.submit(bytes('x'))
    await clock.advance(3000)
    expect(b.updates).toEqual(['x'])
  })
})

describe('what is told', () => {
  it('crate flaw 34: every step of an update, counted alike', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    const { digest } = a.gossip.submit(bytes('x'))
    await clock.advance(1000)
    expect(a.events).toContainEqual({ kind: 'served', to: 'b', digest })
    expect(b.events).toContainEqual({ kind: 'delivered', digest, bytes: 1 })
    const count = (from: TestNode, kind: string): number =>
      from.events.filter((event) => event.kind === kind).length
    const { sentMessages, receivedMessages, served, submitted } = a.gossip.stats()
    expect([sentMessages, receivedMessages, served, submitted]).toEqual([
      count(a, 'sent'),
      count(a, 'received'),
      1,
      1
    ])
    expect([a.gossip.status(digest), b.gossip.status(digest), b.gossip.status('nonsense')]).toEqual(
      ['active', 'active', 'unknown']
    )
  })

  it('bytes that are no message: malformed, a strike, and nothing else happens', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    await a.gossip.start()
    const stranger = network.transport('stranger')
    await stranger.start(
      { receive: () => {}, fail: () => {} },
      { protocol: '/rumormill/1/default/binary' }
    )
    await stranger.send('a', new Uint8Array([255, 1, 2]), { signal: new AbortController().signal })
    await clock.advance(10)
    expect(a.events).toMatchObject([
      { kind: 'malformed', from: 'stranger', error: { code: 'MALFORMED_MESSAGE' } },
      { kind: 'misbehaved', peer: 'stranger', reason: 'malformed', ignoredMs: 0 }
    ])
    expect(a.gossip.stats().malformed).toBe(1)
  })
})
