import { describe, expect, it } from 'vitest'
import { createGossip } from '../../src/node/create-gossip.ts'
import type { GossipOptions } from '../../src/options/options.ts'
import { PRESETS } from '../../src/options/presets.ts'
import { resolveOptions } from '../../src/options/resolve-options.ts'
import type { Codec } from '../../src/ports/codec.ts'
import { staticPeers } from '../../src/ports/peer-source.ts'
import type { Transport } from '../../src/ports/transport.ts'

const transport: Transport = {
  maxMessageBytes: 1 << 20,
  start: () => Promise.resolve('here'),
  send: () => Promise.resolve(),
  watch: () => {},
  stop: () => Promise.resolve()
}
const codec: Codec = {
  name: 'none',
  contentLimit: (most) => most - 100,
  encode: () => new Uint8Array(1),
  decode: () => ({ kind: 'view-request', view: [] })
}
const good: GossipOptions = {
  transport,
  codec,
  peerSource: staticPeers([]),
  handler: { onUpdate: () => {} }
}

function reasons(options: unknown): string {
  try {
    createGossip(options as GossipOptions)
  } catch (error) {
    expect(error).toMatchObject({ name: 'GossipError', code: 'INVALID_CONFIG' })
    return (error as Error).message
  }
  return 'accepted'
}

describe('bad options', () => {
  it('are all in one error, each with its name and valid values', () => {
    const message = reasons({
      ...good,
      network: 'two words',
      preset: 'moon',
      membership: { viewSize: 0, jitter: -1, colour: 'red' },
      antiEntropy: { fanout: 1.5 },
      store: { expiration: { mode: 'duration' } }
    })
    for (const part of [
      'network must be',
      'preset must be one of lan, wan, local, reference',
      'membership.viewSize must be an integer from 1',
      'membership.jitter must be',
      'membership.colour is not an option',
      'antiEntropy.fanout',
      'store.expiration.ms must be'
    ])
      expect(message).toContain(part)
  })

  it('missing parts lead to errors that name a fitting part', () => {
    const message = reasons({})
    for (const part of [
      'transport must be',
      'tcpTransport(',
      'codec must be',
      'binaryCodec(',
      'peerSource must be',
      'handler must be'
    ]) {
      expect(message).toContain(part)
    }
    expect(reasons(undefined)).toContain('takes an object')
  })

  it.each([
    [{ membership: { push: false, pull: false } }, 'nothing would be exchanged'],
    [{ antiEntropy: { push: false, pull: false } }, 'nothing would spread'],
    [
      { store: { expiration: { mode: 'mostRecent', count: 100_001, margin: 0 } } },
      'keeps up to count * (1 + margin) = 100001 updates: raise store.maxUpdates (100000)'
    ],
    [
      {
        store: { expiration: { mode: 'mostRecent', count: 100, margin: 0 }, maxUpdates: 99 }
      },
      'or lower count'
    ],
    [
      { store: { expiration: { mode: 'mostRecent', count: 9, margin: 0, minAgeMs: -1 } } },
      'store.expiration.minAgeMs must be'
    ],
    [
      { store: { expiration: { mode: 'never' } } },
      'must be one of none, duration, pushCount, mostRecent'
    ],
    [{ store: { maxBytes: 10 } }, 'must not exceed'],
    [{ transport: { ...transport, maxMessageBytes: 120 } }, 'raise it'],
    [{ transport: { ...transport, maxMessageBytes: 0 } }, 'transport.maxMessageBytes'],
    [{ codec: { ...codec, name: 'a/b' } }, 'codec.name'],
    [{ observe: 7 }, 'observe must be a function'],
    [{ membership: 7 }, 'membership must be an object'],
    [{ dissemnation: {} }, 'dissemnation is not an option']
  ])('%o', (change, part) => {
    expect(reasons({ ...good, ...change })).toContain(part)
  })
})

describe('defaults', () => {
  it('are those of the preset, one by one', () => {
    const config = resolveOptions({
      ...good,
      preset: 'wan',
      antiEntropy: { fanout: 3, push: undefined as unknown as boolean }
    })
    expect(config.antiEntropy).toMatchObject({
      fanout: 3,
      push: true,
      periodMs: PRESETS.wan.antiEntropy.periodMs
    })
    expect(config.protocol).toBe('/rumormill/1/default/none')
  })

  it('the expiration of the preset follows maxUpdates and the period, a given one does not', () => {
    const { expiration } = resolveOptions({
      ...good,
      store: { maxUpdates: 50 },
      antiEntropy: { periodMs: 1000 }
    }).store
    expect(expiration).toEqual({ mode: 'mostRecent', count: 50, margin: 0, minAgeMs: 30_000 })
    const given = { mode: 'mostRecent', count: 50, margin: 0 } as const
    const config = resolveOptions({ ...good, store: { expiration: given } })
    expect(config.store.expiration).toEqual(given)
    expect(
      resolveOptions({ ...good, preset: 'reference', store: { maxUpdates: 50 } }).store.expiration
    ).toEqual({ mode: 'none' })
  })

  it('reference is the crate: 60 s, c 30, H 3, S 12; rounds of 1 s to one peer, no jitter, no expiry', () => {
    const { membership, antiEntropy, store } = PRESETS.reference
    expect(membership).toMatchObject({
      push: true,
      pull: true,
      periodMs: 60_000,
      jitter: 0,
      viewSize: 30,
      healing: 3,
      swapping: 12
    })
    expect(antiEntropy).toMatchObject({
      push: true,
      pull: true,
      periodMs: 1000,
      jitter: 0,
      fanout: 1
    })
    expect(store.expiration).toEqual({ mode: 'none' })
  })

  it('rounds use lists if the codec has no sketches, and sketches are then an invalid option', () => {
    const crate: Codec = { ...codec, lacks: ['ihave', 'sketch-request'] }
    const reconciliation = (options: Partial<GossipOptions>): string =>
      resolveOptions({ ...good, ...options }).antiEntropy.reconciliation
    expect(reconciliation({})).toBe('sketch')
    expect(reconciliation({ preset: 'reference' })).toBe('list')
    expect(reconciliation({ codec: crate })).toBe('list')
    expect(reconciliation({ codec: crate, antiEntropy: { fanout: 2 } })).toBe('list')
    expect(reconciliation({ codec: { ...codec, lacks: ['ihave'] } })).toBe('sketch')
    expect(reasons({ ...good, codec: crate, antiEntropy: { reconciliation: 'sketch' } })).toContain(
      'antiEntropy.reconciliation'
    )
    expect(reasons({ ...good, antiEntropy: { reconciliation: 'guess', shortIdBytes: 12 } })).toBe(
      'INVALID_CONFIG: antiEntropy.reconciliation must be one of sketch, list; antiEntropy.shortIdBytes must be 8 or 16'
    )
  })

  it('defaults that depend on the view size follow it', () => {
    const { membership } = resolveOptions({
      ...good,
      membership: { viewSize: 10, policy: 'healer' }
    })
    expect(membership).toMatchObject({
      viewSize: 10,
      healing: 5,
      swapping: 0,
      exchangeSize: 4,
      maxPastPeers: 64
    })
  })

  it('limits are lowered to what codec and transport carry', () => {
    const small = { ...transport, maxMessageBytes: 1100 }
    expect(resolveOptions({ ...good, transport: small })).toMatchObject({
      store: { maxContentBytes: 1000 },
      fetch: { maxBatchBytes: 1000 },
      antiEntropy: { maxDigestsPerMessage: 15 }
    })
  })
})
