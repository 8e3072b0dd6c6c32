import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blake3Hash } from '../../src/model/update.ts'
import { fastHash } from '../../src/node/fast-hash.ts'

it('gives the digests of the plain function, one after the other', async () => {
  const digest = await fastHash()
  expect(digest).not.toBe(blake3Hash)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
      expect(digest(content)).toEqual(blake3Hash(content))
    })
  )
  const large = new Uint8Array(1 << 20).fill(7)
  expect(digest(large)).toEqual(blake3Hash(large))
})

it('returns bytes that a later call does not change', async () => {
  const digest = await fastHash()
  const first = digest(Uint8Array.of(1))
  digest(Uint8Array.of(2))
  expect(first).toEqual(blake3Hash(Uint8Array.of(1)))
})
