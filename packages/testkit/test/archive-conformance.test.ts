import type { Archive, ArchiveChange } from '@rumormill/protocol'
import { describe, expect, it, test } from 'vitest'
import { archiveConformance, memoryArchive, memoryDisk, type OpenArchive } from '../src/index.ts'

const place =
  (change: (archive: Archive) => Archive = (archive) => archive) =>
  (): OpenArchive => {
    const disk = memoryDisk()
    return () => change(memoryArchive(disk))
  }

describe('the memory archive', () => {
  for (const { name, run } of archiveConformance(place())) test(name, () => run())
})

/** Archives with one fault each, and the case that must see it. */
const broken: Record<string, [(archive: Archive) => Archive, string]> = {
  'loses a batch': [
    (archive) => ({ ...archive, write: async () => {} }),
    'gives back what was kept, in order'
  ],
  'turns the order': [
    (archive) => ({
      ...archive,
      load: async () => ({ ...(await archive.load()) }),
      write: (changes) => archive.write(changes.toReversed())
    }),
    'keeps again as the last'
  ],
  'does not mark': [without('handled'), 'marks what was handled in its place'],
  'does not drop': [without('drop'), 'drops'],
  'does not forget': [without('forget'), 'remembers in order, and forgets'],
  'keeps no peers': [without('peers'), 'replaces the list of peers'],
  'closes too early': [
    (archive) => ({
      ...archive,
      write: async (changes) => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        await archive.write(changes)
      }
    }),
    'closes after the write under way'
  ]
}

function without(kind: ArchiveChange['kind']): (archive: Archive) => Archive {
  return (archive) => ({
    ...archive,
    write: (changes) => archive.write(changes.filter((change) => change.kind !== kind))
  })
}

describe('the suite catches an archive that', () => {
  it.each(Object.entries(broken))('%s', async (_name, [change, caught]) => {
    const { run } = archiveConformance(place(change)).find(({ name }) => name === caught)!
    await expect(run()).rejects.toThrow()
  })
})
