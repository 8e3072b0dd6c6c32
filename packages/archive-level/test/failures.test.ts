/** Options, places and disks that will not do: each is told by an error that says what to change. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binaryCodec } from '@rumormill/codec-binary'
import {
  createGossip,
  createRng,
  digestOf,
  staticPeers,
  type Archive,
  type ArchiveChange,
  type GossipEvent
} from '@rumormill/protocol'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import { ClassicLevel } from 'classic-level'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { levelArchive, type LevelArchiveOptions } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'archive-failures-'))
let places = 0
const newPlace = (): string => join(folder, `${places++}`)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function keep(text: string): ArchiveChange {
  return {
    kind: 'keep',
    update: {
      digest: digestOf(bytes(text)),
      content: bytes(text),
      submittedAtMs: 1,
      handled: false
    }
  }
}

async function textsIn(archive: Archive): Promise<string[]> {
  const { updates } = await archive.load()
  await archive.close()
  return updates.map(({ content }) => new TextDecoder().decode(content))
}

interface Disk {
  readonly level: ClassicLevel
  full: 'before' | 'after' | undefined
}

/** A database whose batches fail while `full`: before they are made, or after. Closed at the end of the test. */
function smallDisk(): Disk {
  const level = new ClassicLevel(newPlace())
  const disk: Disk = { level, full: undefined }
  const batch = level.batch.bind(level) as (...given: unknown[]) => Promise<void>
  level.batch = (async (...given: unknown[]) => {
    const failure = new Error('IO error: no space left on device')
    if (disk.full === 'before') throw failure
    await batch(...given)
    if (disk.full === 'after') throw failure
  }) as unknown as ClassicLevel['batch']
  onTestFinished(() => level.close())
  return disk
}

describe('options', () => {
  test.each<[string, unknown]>([
    ['location must be', undefined],
    ['location must be', {}],
    ['location must be', { location: '' }],
    ['location must be', { location: 'a\0b' }],
    ['location must be', { location: 7 }],
    ['location must be', { location: { open: () => {} } }],
    ['repair must be', { location: 'x', repair: 'yes' }],
    [
      'repair needs a location that is a folder',
      { location: { open() {}, iterator() {}, batch() {} }, repair: true }
    ],
    ['path is not an option', { location: 'x', path: 'y' }]
  ])('%s', (reason, options) => {
    expect(() => levelArchive(options as LevelArchiveOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining(reason) })
    )
  })
})

describe('a place', () => {
  test.each([
    ['is a file', ''],
    ['lies in a file', '/state']
  ])('that %s cannot be opened', async (_what, below) => {
    const file = newPlace()
    writeFileSync(file, 'something')
    const archive = levelArchive({ location: file + below })
    await expect(archive.load()).rejects.toMatchObject({
      code: 'ARCHIVE_FAILED',
      message: expect.stringMatching(/location needs a folder.*(EEXIST|ENOTDIR)/)
    })
    await archive.close()
  })

  test('that another has open is not touched, whatever is wrong with it', async () => {
    const location = newPlace()
    const first = levelArchive({ location })
    await first.load()
    await first.write([keep('x')])
    rmSync(join(location, 'CURRENT'))
    for (const repair of [false, true]) {
      const second = levelArchive({ location, repair })
      await expect(second.load()).rejects.toMatchObject({
        code: 'ARCHIVE_FAILED',
        message: expect.stringMatching(/another node.* has it open: stop that one/)
      })
      await second.close()
    }
    await first.close()
    expect(await textsIn(levelArchive({ location, repair: true }))).toEqual(['x'])
  })

  test('that holds something else is left as it is', async () => {
    const level = new ClassicLevel(newPlace())
    onTestFinished(() => level.close())
    await level.batch([
      { type: 'put', key: 'mine', value: 'precious' },
      { type: 'put', key: 'v', value: '2' }
    ])
    const archive = levelArchive({ location: level })
    await expect(archive.load()).rejects.toMatchObject({
      code: 'ARCHIVE_FAILED',
      message: expect.stringContaining('something else')
    })
    await archive.close()
    expect(await level.iterator().all()).toEqual([
      ['mine', 'precious'],
      ['v', '2']
    ])
    // In a part of its own it has room.
    const part = level.sublevel('gossip')
    const inPart = levelArchive({ location: part })
    await inPart.load()
    await inPart.write([keep('x')])
    await inPart.close()
    expect(await textsIn(levelArchive({ location: level.sublevel('gossip') }))).toEqual(['x'])
    expect(await level.get('mine')).toBe('precious')
  })

  test('that is deleted under way is noticed', async () => {
    const location = newPlace()
    const archive = levelArchive({ location })
    await archive.load()
    await archive.write([keep('1')])
    rmSync(location, { recursive: true })
    await expect(archive.write([keep('2')])).rejects.toMatchObject({ code: 'ARCHIVE_FAILED' })
    // A new one is begun; that the old one is gone is told.
    await expect(archive.write([keep('2')])).rejects.toMatchObject({ code: 'ARCHIVE_DAMAGED' })
    await archive.write([keep('2')])
    await archive.close()
    expect(await textsIn(levelArchive({ location }))).toEqual(['2'])
  })
})

describe('a disk that is full', () => {
  test.each(['before', 'after'] as const)(
    '%s a batch is made: none or all of it is there, and the next is',
    async (full) => {
      const disk = smallDisk()
      const archive = levelArchive({ location: disk.level })
      await archive.load()
      await archive.write([keep('1')])
      disk.full = full
      const told = {
        code: 'ARCHIVE_FAILED',
        message: expect.stringMatching(/disk with room.*no space left/)
      }
      await expect(archive.write([keep('2'), keep('3')])).rejects.toMatchObject(told)
      disk.full = undefined
      await archive.write([keep('4'), { kind: 'drop', digest: digestOf(bytes('1')) }])
      await archive.close()
      const again = levelArchive({ location: disk.level })
      expect(await textsIn(again)).toEqual(full === 'before' ? ['4'] : ['2', '3', '4'])
    }
  )

  test('costs durable submits, not the node: it says so, goes on, and writes all of it later', async () => {
    const disk = smallDisk()
    const [clock, rng] = [manualClock(), createRng(1)]
    const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
    const events: GossipEvent[] = []
    const heard: string[] = []
    const node = (address: string, peers: string[], archive?: Archive) =>
      createGossip({
        transport: network.transport(address),
        codec: binaryCodec(),
        peers: staticPeers(peers),
        clock,
        rng: rng.fork(),
        handler: {
          onUpdate: ({ content }) =>
            void heard.push(`${address} ${new TextDecoder().decode(content)}`)
        },
        ...(archive === undefined
          ? {}
          : { archive, observe: (event: GossipEvent) => void events.push(event) })
      })
    const [a, b] = [node('a', [], levelArchive({ location: disk.level })), node('b', ['a'])]
    for (const each of [a, b]) await each.start()
    disk.full = 'before'
    await expect(a.submit(bytes('1'), { durable: true })).rejects.toMatchObject({
      code: 'ARCHIVE_FAILED'
    })
    b.submit(bytes('2'))
    await clock.advance(900)
    expect(heard.toSorted()).toEqual(['a 2', 'b 1'])
    expect(
      events.filter((event) => event.kind === 'failed').map(({ error }) => error.code)
    ).toContain('ARCHIVE_FAILED')
    expect(a.stats().archiveBacklog).toBeGreaterThan(0)
    disk.full = undefined
    await clock.advance(1000)
    // The write itself is in real time.
    while (a.stats().archiveBacklog > 0) await new Promise((resolve) => setImmediate(resolve))
    await a.submit(bytes('3'), { durable: true })
    const stopped = Promise.all([a.stop(), b.stop()])
    // Both want to hand on what they have; the writes themselves are in real time.
    await clock.advance(2000)
    await stopped
    expect((await textsIn(levelArchive({ location: disk.level }))).toSorted()).toEqual([
      '1',
      '2',
      '3'
    ])
  })
})
