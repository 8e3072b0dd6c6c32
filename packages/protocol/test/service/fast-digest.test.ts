import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fastDigest } from '../../src/service/fast-digest.ts'
import { blake3Digest } from '../../src/update.ts'

it('gives the digests of the plain function, one after the other', async () => {
  const digest = await fastDigest()
  expect(digest).not.toBe(blake3Digest)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
      expect(digest(content)).toEqual(blake3Digest(content))
    })
  )
  const large = new Uint8Array(1 << 20).fill(7)
  expect(digest(large)).toEqual(blake3Digest(large))
})

it('gives bytes that a later call does not change', async () => {
  const digest = await fastDigest()
  const first = digest(Uint8Array.of(1))
  digest(Uint8Array.of(2))
  expect(first).toEqual(blake3Digest(Uint8Array.of(1)))
})
