import { binaryCodec } from '@rumormill/codec-binary'
import type { Codec } from '@rumormill/protocol/plugin'
import { expect, test } from 'vitest'
import { codecConformance, withExceptions, type ConformanceCase } from '../../src/index.ts'

const kept: ConformanceCase = { name: 'kept', run: () => {} }
const broken: ConformanceCase = { name: 'broken', run: () => Promise.reject(new Error('broken')) }

test('an exception passes as long as its case fails, and its name has the reason', async () => {
  const [same, turned] = withExceptions([kept, broken], {
    broken: 'the format has no place for it'
  })
  expect(same).toBe(kept)
  expect(turned!.name).toBe('exception: broken (the format has no place for it)')
  await turned!.run()
})

test('an exception for a case that passes fails', async () => {
  const [turned] = withExceptions([kept], { kept: 'no longer true' })
  await expect(async () => turned!.run()).rejects.toThrow('"kept" passes')
})

test('an exception for an unknown case is refused', () => {
  expect(() => withExceptions([kept], { other: '' })).toThrow('no case is named other')
})

/** Sound, but for `ihave`, which it does not know. */
function withoutAnnouncements(): Codec {
  const { encode, ...sound } = binaryCodec()
  return {
    ...sound,
    encode: (message) =>
      encode(message.kind === 'ihave' ? { kind: 'view-request', view: [] } : message)
  }
}

test('a format is tested only with the messages that it supports', async () => {
  const failing = async (all: readonly ConformanceCase[]): Promise<string[]> => {
    const names: string[] = []
    // These take long, and are about frames of any kind.
    const cases = all.filter(({ name }) => !name.startsWith('survives'))
    for (const { name, run } of cases) await (async () => run())().catch(() => names.push(name))
    return names
  }
  const options = { rounds: 40 }
  expect(await failing(codecConformance(withoutAnnouncements, options))).toContain(
    'decodes every kind of message as it was encoded'
  )
  expect(
    await failing(
      codecConformance(withoutAnnouncements, {
        ...options,
        carries: ({ kind }) => kind !== 'ihave'
      })
    )
  ).toEqual([])
  expect(
    await failing(codecConformance(withoutAnnouncements, { ...options, carries: () => false }))
  ).toEqual(['decodes every kind of message as it was encoded'])
})
