/** Cuts, changes and deletes files of storage. Every loss must be reported, and loaded records must be what was written. */

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import type { PersistedState, PersistedUpdate } from '@rumormill/protocol/plugin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { levelStorage } from '../src/index.ts'

const UPDATES = 90
const folder = mkdtempSync(join(tmpdir(), 'storage-damage-'))
const base = join(folder, 'base')
const written = Array.from({ length: UPDATES }, (_, number) => update(number))
const byDigest = new Map(written.map((each) => [each.digest, each]))

/** Returns an update whose content does not compress. */
function update(number: number): PersistedUpdate {
  let state = number + 1
  const content = new Uint8Array(500).map(() => (state = (state * 48_271) % 2_147_483_647) & 0xff)
  return { digest: digestOf(content), content, submittedAtMs: number, handled: number % 2 === 0 }
}

/** Writes with several restarts, so that a part is in tables and a part in the log. */
beforeAll(async () => {
  for (let life = 0; life < 3; life++) {
    const storage = levelStorage({ location: base })
    await storage.load()
    for (const each of written.slice(life * 30, (life + 1) * 30)) {
      await storage.write([
        { kind: 'keep', update: each },
        { kind: 'remember', digest: digestOf(Uint8Array.of(each.submittedAtMs)) }
      ])
    }
    await storage.close()
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const damages: Record<string, (path: string) => void> = {
  'is deleted': (path) => rmSync(path),
  'is empty': (path) => truncateSync(path, 0),
  'is cut in the middle': (path) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'lacks its last byte': (path) => truncateSync(path, statSync(path).size - 1),
  'has a changed byte near its start': (path) => change(path, 0.02),
  'has a changed byte in the middle': (path) => change(path, 0.5),
  'has a changed byte near its end': (path) => change(path, 0.98),
  'has a hole of zeros': (path) => zero(path, 0.3, 0.4),
  'ends in zeros': (path) => zero(path, 0.7, 1)
}

function change(path: string, part: number): void {
  const bytes = readFileSync(path)
  bytes[Math.floor(bytes.length * part)]! ^= 0x10
  writeFileSync(path, bytes)
}

function zero(path: string, from: number, to: number): void {
  const bytes = readFileSync(path)
  bytes.fill(0, Math.floor(bytes.length * from), Math.ceil(bytes.length * to))
  writeFileSync(path, bytes)
}

const KINDS = {
  'the log': /\.log$/,
  'the oldest table': /\.ldb$/,
  'the list of files': /^MANIFEST-/,
  'the file CURRENT': /^CURRENT$/,
  'the witness': /^WITNESS$/
}

describe.each(Object.entries(KINDS))('when %s', (_kind, pattern) => {
  test.each(Object.entries(damages))(
    '%s, it is reported and the rest loads',
    async (_how, damage) => {
      const location = mkdtempSync(join(folder, 'copy-'))
      cpSync(base, location, { recursive: true })
      const path = join(
        location,
        readdirSync(location)
          .toSorted()
          .find((name) => pattern.test(name))!
      )
      const before = readFileSync(path)
      damage(path)
      const changed = !existsSync(path) || !readFileSync(path).equals(before)
      const state = await readOrRepair(location)
      isPartOfWhatWasWritten(state)
      // The witness's number may end in zeros anyway.
      if (changed) expect(state.damaged).toBeGreaterThan(0)
      // It is reported once, and storage works as before.
      const storage = levelStorage({ location })
      const second = await storage.load()
      expect(second.damaged).toBe(0)
      expect(shown(second)).toEqual(shown(state))
      const fresh = update(UPDATES + 1)
      await storage.write([{ kind: 'keep', update: fresh }])
      await storage.close()
      const third = levelStorage({ location })
      expect(shown(await third.load()).at(-1)).toEqual(lineOf(fresh))
      await third.close()
    }
  )
})

/** Loads the state. Repairs only if the error of `load` says so. */
async function readOrRepair(location: string): Promise<PersistedState> {
  const storage = levelStorage({ location })
  const outcome = await storage.load().catch((error: unknown) => error)
  await storage.close()
  if (!(outcome instanceof Error)) return outcome as PersistedState
  expect(outcome).toMatchObject({
    name: 'GossipError',
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('repair: true')
  })
  expect(outcome.message).toContain(location)
  const repairing = levelStorage({ location, repair: true })
  const state = await repairing.load()
  await repairing.close()
  return state
}

function isPartOfWhatWasWritten({ updates }: PersistedState): void {
  const lines = shown({
    updates: updates.map((each) => ({ ...each, handled: byDigest.get(each.digest)!.handled }))
  })
  expect(shown({ updates: written }).filter((line) => lines.includes(line))).toEqual(lines)
  expect(
    updates.filter(({ digest, handled }) => handled && !byDigest.get(digest)!.handled)
  ).toEqual([])
}

function shown({ updates }: Pick<PersistedState, 'updates'>): string[] {
  return updates.map(lineOf)
}

function lineOf({ digest, content, submittedAtMs, handled }: PersistedUpdate): string {
  return [digest, Buffer.from(content).toString('base64'), submittedAtMs, handled].join(' ')
}

test('files without records may be deleted', async () => {
  const location = mkdtempSync(join(folder, 'copy-'))
  cpSync(base, location, { recursive: true })
  for (const name of ['LOCK', 'LOG', 'LOG.old']) rmSync(join(location, name), { force: true })
  const storage = levelStorage({ location })
  const state = await storage.load()
  expect([state.damaged, shown(state)]).toEqual([0, shown({ updates: written })])
  await storage.close()
})

test('repair does not change an undamaged folder', async () => {
  const location = mkdtempSync(join(folder, 'copy-'))
  cpSync(base, location, { recursive: true })
  const storage = levelStorage({ location, repair: true })
  const state = await storage.load()
  expect([state.damaged, shown(state)]).toEqual([0, shown({ updates: written })])
  await storage.close()
  expect(readdirSync(location)).not.toContain('lost')
})

test('the witness alone shows that all other files are gone', async () => {
  const location = mkdtempSync(join(folder, 'copy-'))
  cpSync(join(base, 'WITNESS'), join(location, 'WITNESS'))
  const storage = levelStorage({ location })
  expect((await storage.load()).damaged).toBeGreaterThan(UPDATES)
  await storage.close()
})
