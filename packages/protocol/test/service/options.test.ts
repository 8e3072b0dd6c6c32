import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/ports/codec.ts'
import { staticPeers } from '../../src/ports/peer-source.ts'
import type { Transport } from '../../src/ports/transport.ts'
import { createGossip } from '../../src/service/create-gossip.ts'
import type { GossipOptions } from '../../src/service/options.ts'
import { PRESETS } from '../../src/service/presets.ts'
import { resolveOptions } from '../../src/service/resolve-options.ts'

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
  peers: staticPeers([]),
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
  it('are told all at once, each with its name and what it may be', () => {
    const message = reasons({
      ...good,
      network: 'two words',
      preset: 'moon',
      sampling: { viewSize: 0, jitter: -1, colour: 'red' },
      dissemination: { fanout: 1.5, expiration: { mode: 'duration' } }
    })
    for (const part of [
      'network must be',
      'preset must be one of lan, wan, local, reference',
      'sampling.viewSize must be a whole number from 1',
      'sampling.jitter must be',
      'sampling.colour is not an option',
      'dissemination.fanout',
      'dissemination.expiration.ms must be'
    ])
      expect(message).toContain(part)
  })

  it('missing parts name what would fit', () => {
    const message = reasons({})
    for (const part of [
      'transport must be',
      'tcpTransport(',
      'codec must be',
      'binaryCodec(',
      'peers must be',
      'handler must be'
    ]) {
      expect(message).toContain(part)
    }
    expect(reasons(undefined)).toContain('takes an object')
  })

  it.each([
    [{ sampling: { push: false, pull: false } }, 'nothing would be exchanged'],
    [{ dissemination: { push: false, pull: false } }, 'nothing would spread'],
    [
      { dissemination: { expiration: { mode: 'mostRecent', count: 100_001, margin: 0 } } },
      'keeps up to count * (1 + margin) = 100001 updates: raise maxActiveUpdates (100000)'
    ],
    [
      {
        dissemination: {
          expiration: { mode: 'mostRecent', count: 100, margin: 0 },
          maxActiveUpdates: 99
        }
      },
      'or lower count'
    ],
    [
      { dissemination: { expiration: { mode: 'mostRecent', count: 9, margin: 0, minAgeMs: -1 } } },
      'dissemination.expiration.minAgeMs must be'
    ],
    [
      { dissemination: { expiration: { mode: 'never' } } },
      'must be one of none, duration, pushCount, mostRecent'
    ],
    [{ dissemination: { maxActiveBytes: 10 } }, 'must not exceed'],
    [{ transport: { ...transport, maxMessageBytes: 120 } }, 'raise that'],
    [{ transport: { ...transport, maxMessageBytes: 0 } }, 'transport.maxMessageBytes'],
    [{ codec: { ...codec, name: 'a/b' } }, 'codec.name'],
    [{ observe: 7 }, 'observe must be a function'],
    [{ sampling: 7 }, 'sampling must be an object'],
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
      dissemination: { fanout: 3, push: undefined as unknown as boolean }
    })
    expect(config.dissemination).toMatchObject({
      fanout: 3,
      push: true,
      periodMs: PRESETS.wan.dissemination.periodMs
    })
    expect(config.protocol).toBe('/rumormill/1/default/none')
  })

  it('the expiration of the preset follows the limit of updates and the pace, one that is given does not', () => {
    const { expiration } = resolveOptions({
      ...good,
      dissemination: { maxActiveUpdates: 50, periodMs: 1000 }
    }).dissemination
    expect(expiration).toEqual({ mode: 'mostRecent', count: 50, margin: 0, minAgeMs: 30_000 })
    const given = { mode: 'mostRecent', count: 50, margin: 0 } as const
    const config = resolveOptions({ ...good, dissemination: { expiration: given } })
    expect(config.dissemination.expiration).toEqual(given)
    expect(
      resolveOptions({ ...good, preset: 'reference', dissemination: { maxActiveUpdates: 50 } })
        .dissemination.expiration
    ).toEqual({ mode: 'none' })
  })

  it('reference is the crate: 60 s, c 30, H 3, S 12; rounds of 1 s to one peer, no jitter, no expiry', () => {
    const { sampling, dissemination } = PRESETS.reference
    expect(sampling).toMatchObject({
      push: true,
      pull: true,
      periodMs: 60_000,
      jitter: 0,
      viewSize: 30,
      healing: 3,
      swapping: 12
    })
    expect(dissemination).toMatchObject({
      push: true,
      pull: true,
      periodMs: 1000,
      jitter: 0,
      fanout: 1,
      expiration: { mode: 'none' }
    })
  })

  it('rounds go by lists where the codec carries no sketches, and to ask for sketches there is an error', () => {
    const crate: Codec = { ...codec, lacks: ['announcement', 'sketch-request'] }
    const reconciliation = (options: Partial<GossipOptions>): string =>
      resolveOptions({ ...good, ...options }).dissemination.reconciliation
    expect(reconciliation({})).toBe('sketch')
    expect(reconciliation({ preset: 'reference' })).toBe('list')
    expect(reconciliation({ codec: crate })).toBe('list')
    expect(reconciliation({ codec: crate, dissemination: { fanout: 2 } })).toBe('list')
    expect(reconciliation({ codec: { ...codec, lacks: ['announcement'] } })).toBe('sketch')
    expect(
      reasons({ ...good, codec: crate, dissemination: { reconciliation: 'sketch' } })
    ).toContain('dissemination.reconciliation')
    expect(reasons({ ...good, dissemination: { reconciliation: 'guess', shortIdBytes: 12 } })).toBe(
      'INVALID_CONFIG: dissemination.reconciliation must be one of sketch, list; dissemination.shortIdBytes must be 8 or 16'
    )
  })

  it('what depends on the view size follows it', () => {
    const { sampling } = resolveOptions({ ...good, sampling: { viewSize: 10, policy: 'healer' } })
    expect(sampling).toMatchObject({
      viewSize: 10,
      healing: 5,
      swapping: 0,
      exchangeSize: 4,
      maxPastPeers: 64
    })
  })

  it('limits bow to what codec and transport carry', () => {
    const small = { ...transport, maxMessageBytes: 1100 }
    expect(resolveOptions({ ...good, transport: small }).dissemination).toMatchObject({
      maxContentBytes: 1000,
      maxBatchBytes: 1000,
      maxDigestsPerMessage: 15
    })
  })
})
