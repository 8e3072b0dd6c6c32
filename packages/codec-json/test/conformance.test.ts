import { codecConformance } from '@rumormill/testkit'
import { describe, test } from 'vitest'
import { jsonCodec } from '../src/index.ts'

describe('jsonCodec fulfils the contract of a codec', () => {
  const createWithHigherCaps = (): ReturnType<typeof jsonCodec> =>
    jsonCodec({ maxDigests: 6000, maxPeers: 200, maxContents: 2000, maxTextBytes: 1_000_000 })
  for (const { name, run } of codecConformance(() => jsonCodec(), { createWithHigherCaps }))
    test(name, () => run())
})
