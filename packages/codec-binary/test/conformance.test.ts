import { codecConformance } from '@rumormill/testkit'
import { describe, test } from 'vitest'
import { binaryCodec } from '../src/index.ts'

describe('binaryCodec fulfils the contract of a codec', () => {
  const createWithHigherCaps = (): ReturnType<typeof binaryCodec> =>
    binaryCodec({ maxDigests: 6000, maxPeers: 200, maxContents: 2000 })
  for (const { name, run } of codecConformance(() => binaryCodec(), { createWithHigherCaps }))
    test(name, () => run())
})
