import type { Storage, StorageChange } from '@rumormill/protocol/plugin'
import { describe, expect, it, test } from 'vitest'
import { memoryDisk, memoryStorage, storageConformance, type OpenStorage } from '../../src/index.ts'

const place =
  (change: (storage: Storage) => Storage = (storage) => storage) =>
  (): OpenStorage => {
    const disk = memoryDisk()
    return () => change(memoryStorage(disk))
  }

describe('the memory storage', () => {
  for (const { name, run } of storageConformance(place())) test(name, () => run())
})

/** Storage with one fault each, and the case that must see it. */
const broken: Record<string, [(storage: Storage) => Storage, string]> = {
  'loses a batch': [
    (storage) => ({ ...storage, write: async () => {} }),
    'returns kept updates, in order'
  ],
  'turns the order': [
    (storage) => ({
      ...storage,
      load: async () => ({ ...(await storage.load()) }),
      write: (changes) => storage.write(changes.toReversed())
    }),
    'moves an update that is kept again to the end'
  ],
  'does not mark': [without('handled'), 'marks handled updates without moving them'],
  'does not drop': [without('drop'), 'drops'],
  'does not forget': [without('forget'), 'remembers seen digests in order, and forgets them'],
  'keeps no peers': [without('peers'), 'replaces the list of peers'],
  'closes too early': [
    (storage) => ({
      ...storage,
      write: async (changes) => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        await storage.write(changes)
      }
    }),
    'closes after a pending write'
  ]
}

function without(kind: StorageChange['kind']): (storage: Storage) => Storage {
  return (storage) => ({
    ...storage,
    write: (changes) => storage.write(changes.filter((change) => change.kind !== kind))
  })
}

describe('the suite catches storage that', () => {
  it.each(Object.entries(broken))('%s', async (_name, [change, caught]) => {
    const { run } = storageConformance(place(change)).find(({ name }) => name === caught)!
    await expect(run()).rejects.toThrow()
  })
})
