/** Checks what a batch leaves on disk: all acknowledged changes, and no marks without an update. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import type { StorageChange } from '@rumormill/protocol/plugin'
import { ClassicLevel } from 'classic-level'
import { expect, onTestFinished, test } from 'vitest'
import { levelStorage } from '../src/index.ts'

const content = new TextEncoder().encode('a')
const digest = digestOf(content)
const keep: StorageChange = {
  kind: 'keep',
  update: { digest, content, submittedAtMs: 1, handled: false }
}

/** Returns a database, and the options of each batch written to it. */
async function database(): Promise<{ level: ClassicLevel; batches: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'storage-writing-'))
  const level = new ClassicLevel(folder)
  const batches: unknown[] = []
  const batch = level.batch.bind(level) as (...given: unknown[]) => Promise<void>
  level.batch = (async (...given: unknown[]) => {
    batches.push(given[1])
    await batch(...given)
  }) as unknown as ClassicLevel['batch']
  onTestFinished(async () => {
    await level.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { level, batches }
}

test('a batch is on disk before it is acknowledged', async () => {
  const { level, batches } = await database()
  const storage = levelStorage({ location: level })
  await storage.load()
  await storage.write([keep])
  await storage.close()
  expect(batches.length).toBeGreaterThan(0)
  for (const options of batches) expect(options).toMatchObject({ sync: true })
})

test('a handled mark is written only for a kept update, and deleted with it', async () => {
  const { level } = await database()
  const storage = levelStorage({ location: level })
  await storage.load()
  const marks = async (): Promise<number> =>
    (await level.keys().all()).filter((key) => key.startsWith('h')).length
  await storage.write([{ kind: 'handled', digest }])
  expect(await marks()).toBe(0)
  await storage.write([keep, { kind: 'handled', digest }])
  expect(await marks()).toBe(1)
  await storage.write([{ kind: 'drop', digest }])
  expect(await marks()).toBe(0)
  await storage.close()
})
