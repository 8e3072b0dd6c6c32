/** Checks that invalid options, locations and disks lead to errors that say what to change. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, digestOf, staticPeers, type GossipEvent } from '@rumormill/protocol'
import { createRng, type Storage, type StorageChange } from '@rumormill/protocol/plugin'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import { ClassicLevel } from 'classic-level'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { levelStorage, type LevelStorageOptions } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'storage-failures-'))
let places = 0
const newPlace = (): string => join(folder, `${places++}`)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function keep(text: string): StorageChange {
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

async function textsIn(storage: Storage): Promise<string[]> {
  const { updates } = await storage.load()
  await storage.close()
  return updates.map(({ content }) => new TextDecoder().decode(content))
}

interface Disk {
  readonly level: ClassicLevel
  full: 'before' | 'after' | undefined
}

/** Returns a database whose batches fail while `full`: before they are written, or after. It is closed at the end of the test. */
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
    expect(() => levelStorage(options as LevelStorageOptions)).toThrow(
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
    const storage = levelStorage({ location: file + below })
    await expect(storage.load()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringMatching(/location needs a folder.*(EEXIST|ENOTDIR)/)
    })
    await storage.close()
  })

  test('that another storage has open is not changed, even if it is damaged', async () => {
    const location = newPlace()
    const first = levelStorage({ location })
    await first.load()
    await first.write([keep('x')])
    rmSync(join(location, 'CURRENT'))
    for (const repair of [false, true]) {
      const second = levelStorage({ location, repair })
      await expect(second.load()).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(/another node.* has it open: stop that one/)
      })
      await second.close()
    }
    await first.close()
    expect(await textsIn(levelStorage({ location, repair: true }))).toEqual(['x'])
  })

  test('that holds something else is not changed', async () => {
    const level = new ClassicLevel(newPlace())
    onTestFinished(() => level.close())
    await level.batch([
      { type: 'put', key: 'mine', value: 'precious' },
      { type: 'put', key: 'v', value: '2' }
    ])
    const storage = levelStorage({ location: level })
    await expect(storage.load()).rejects.toMatchObject({
      code: 'STORAGE_FAILED',
      message: expect.stringContaining('something else')
    })
    await storage.close()
    expect(await level.iterator().all()).toEqual([
      ['mine', 'precious'],
      ['v', '2']
    ])
    // A sublevel of its own works.
    const part = level.sublevel('gossip')
    const inPart = levelStorage({ location: part })
    await inPart.load()
    await inPart.write([keep('x')])
    await inPart.close()
    expect(await textsIn(levelStorage({ location: level.sublevel('gossip') }))).toEqual(['x'])
    expect(await level.get('mine')).toBe('precious')
  })

  test('that is deleted while it is open is reported', async () => {
    const location = newPlace()
    const storage = levelStorage({ location })
    await storage.load()
    await storage.write([keep('1')])
    rmSync(location, { recursive: true })
    await expect(storage.write([keep('2')])).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    // A new database is created, and the loss of the old one is reported.
    await expect(storage.write([keep('2')])).rejects.toMatchObject({ code: 'STORAGE_DAMAGED' })
    await storage.write([keep('2')])
    await storage.close()
    expect(await textsIn(levelStorage({ location }))).toEqual(['2'])
  })
})

describe('a disk that is full', () => {
  test.each(['before', 'after'] as const)(
    '%s a batch is made: none or all of it is there, and the next is',
    async (full) => {
      const disk = smallDisk()
      const storage = levelStorage({ location: disk.level })
      await storage.load()
      await storage.write([keep('1')])
      disk.full = full
      const expected = {
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(/disk with free space.*no space left/)
      }
      await expect(storage.write([keep('2'), keep('3')])).rejects.toMatchObject(expected)
      disk.full = undefined
      await storage.write([keep('4'), { kind: 'drop', digest: digestOf(bytes('1')) }])
      await storage.close()
      const again = levelStorage({ location: disk.level })
      expect(await textsIn(again)).toEqual(full === 'before' ? ['4'] : ['2', '3', '4'])
    }
  )

  test('fails durable submits but not the node, which reports it, goes on, and writes all changes later', async () => {
    const disk = smallDisk()
    const [clock, rng] = [manualClock(), createRng(1)]
    const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
    const events: GossipEvent[] = []
    const received: string[] = []
    const node = (address: string, peers: string[], storage?: Storage) =>
      createGossip({
        transport: network.transport(address),
        codec: binaryCodec(),
        peerSource: staticPeers(peers),
        clock,
        rng: rng.fork(),
        handler: {
          onUpdate: ({ content }) =>
            void received.push(`${address} ${new TextDecoder().decode(content)}`)
        },
        ...(storage === undefined
          ? {}
          : { storage, observe: (event: GossipEvent) => void events.push(event) })
      })
    const [a, b] = [node('a', [], levelStorage({ location: disk.level })), node('b', ['a'])]
    for (const each of [a, b]) await each.start()
    disk.full = 'before'
    await expect(a.submit(bytes('1'), { durable: true })).rejects.toMatchObject({
      code: 'STORAGE_FAILED'
    })
    b.submit(bytes('2'))
    await clock.advance(900)
    expect(received.toSorted()).toEqual(['a 2', 'b 1'])
    expect(
      events.filter((event) => event.kind === 'failed').map(({ error }) => error.code)
    ).toContain('STORAGE_FAILED')
    expect(a.stats().storageBacklog).toBeGreaterThan(0)
    disk.full = undefined
    await clock.advance(1000)
    // The write itself is in real time.
    while (a.stats().storageBacklog > 0) await new Promise((resolve) => setImmediate(resolve))
    await a.submit(bytes('3'), { durable: true })
    const stopped = Promise.all([a.stop(), b.stop()])
    // Both want to hand on what they have; the writes themselves are in real time.
    await clock.advance(2000)
    await stopped
    expect((await textsIn(levelStorage({ location: disk.level }))).toSorted()).toEqual([
      '1',
      '2',
      '3'
    ])
  })
})
