import { expect, it } from 'vitest'
import { createRng, createWideRng, type Rng } from '../../src/model/random.ts'

const drawn = (rng: Rng): number[] => Array.from({ length: 4 }, () => rng.below(2 ** 32))

it('gives the same numbers for the same seed, and others for a fork', () => {
  expect(drawn(createRng(7))).toEqual(drawn(createRng(7)))
  expect(drawn(createRng(7).fork())).toEqual(drawn(createRng(7).fork()))
  expect(drawn(createRng(7).fork())).not.toEqual(drawn(createRng(7)))
})

it('depends on each of the four words of a wide seed, as do its forks', () => {
  const seeds = [0, 1, 2, 3, 4].map((changed) =>
    Uint32Array.from({ length: 4 }, (_, word) => (word === changed ? 0x8000_0000 : word))
  )
  for (const make of [createWideRng, (words: Uint32Array) => createWideRng(words).fork()]) {
    const sequences = seeds.map((words) => drawn(make(words)).join(' '))
    expect(new Set(sequences).size).toBe(seeds.length)
  }
})
