import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageConformance, type OpenStorage } from '@rumormill/testkit'
import { ClassicLevel } from 'classic-level'
import { afterAll, describe, expect, test } from 'vitest'
import { levelStorage } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'storage-level-'))
let places = 0
const newPlace = (): string => join(folder, `${places++}`)
const open: ClassicLevel[] = []

afterAll(async () => {
  for (const level of open) await level.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('in a folder', () => {
  const create = (): OpenStorage => {
    const location = newPlace()
    return () => levelStorage({ location })
  }
  for (const { name, run } of storageConformance(create, { timeoutMs: 60_000 }))
    test(name, () => run())
})

describe('in a database of the caller', () => {
  const create = (): OpenStorage => {
    const level = new ClassicLevel(newPlace())
    open.push(level)
    return () => levelStorage({ location: level })
  }
  for (const { name, run } of storageConformance(create, { timeoutMs: 60_000 }))
    test(name, () => run())
})

test('a changed byte loses one record, and is reported once', async () => {
  const level = new ClassicLevel<string, Uint8Array>(newPlace(), { valueEncoding: 'view' })
  open.push(level as unknown as ClassicLevel)
  const kept = [1, 2].map((n) => ({
    digest: `${n}`.repeat(64),
    content: Uint8Array.of(n),
    submittedAtMs: n,
    handled: false
  }))
  const first = levelStorage({ location: level })
  await first.load()
  await first.write(kept.map((update) => ({ kind: 'keep', update })))
  await first.close()
  const key = `u${kept[0]!.digest}`
  const record = (await level.get(key))!.slice()
  record[record.length - 1]! ^= 1
  await level.put(key, record)
  const second = levelStorage({ location: level })
  expect(await second.load()).toMatchObject({ updates: [{ digest: kept[1]!.digest }], damaged: 1 })
  await second.close()
  // The checkpoint shows that a record is missing.
  await level.del(`u${kept[1]!.digest}`)
  const third = levelStorage({ location: level })
  expect(await third.load()).toMatchObject({ updates: [], damaged: 1 })
  await third.close()
  const fourth = levelStorage({ location: level })
  expect((await fourth.load()).damaged).toBe(0)
  await fourth.close()
})
