/**
 * Kills a process again and again while it writes: what it acknowledged is there, what it took it does not take again.
 * `KILLS=100` makes it a hundred times.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '@rumormill/protocol'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bundleProgram, makeProgramFolder } from '../../testkit/test/bundled-program.ts'

const PRLIMIT = '/usr/bin/prlimit'
const SEED = Math.floor(Math.random() * 2 ** 32)
const KILLS = Number(process.env['KILLS'] ?? 10)
const LONGEST_MS = 120
const PATIENCE_MS = 60_000

const folder = mkdtempSync(join(tmpdir(), 'storage-killed-'))
const programs = makeProgramFolder()
let program = ''

beforeAll(async () => {
  program = await bundleProgram(new URL('life.ts', import.meta.url), programs)
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(programs, { recursive: true, force: true })
})

/** A running life and what it has told. */
class Life {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #told = ''
  #onTold: () => void = () => {}

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    this.#gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#told += text
      this.#onTold()
    })
    onTestFinished(() => this.kill())
  }

  get pid(): string {
    return String(this.#child.pid)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#gone
  }

  /** The first words after `word`, in order. */
  told(word: string): string[] {
    // The last line may be half a line.
    const lines = this.#told.split('\n').slice(0, -1)
    return lines
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1))
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(
        () => reject(new Error(`${what}: not so after ${this.#told.slice(-500)}`)),
        PATIENCE_MS
      )
      this.#onTold = () => {
        if (!holds()) return
        clearTimeout(giveUp)
        resolve()
      }
      this.#onTold()
    })
  }
}

interface Toll {
  readonly acknowledged: Set<string>
  /** Acknowledged, and not there in a later life. */
  readonly missing: Set<string>
  /** Delivered although they were known to be taken, or the node's own. */
  readonly twice: string[]
  /** Taken by the handler in an earlier life, and not given to it again. */
  kept: number
  damaged: number
}

async function killAgainAndAgain(kills: number, ...mode: readonly string[]): Promise<Toll> {
  const location = mkdtempSync(join(folder, 'state-'))
  const rng = createRng(SEED)
  const toll: Toll = { acknowledged: new Set(), missing: new Set(), twice: [], kept: 0, damaged: 0 }
  for (let number = 0; number <= kills; number++) {
    const life = new Life(location, String(number), ...mode)
    // Some die as they start: that is when LevelDB writes its log anew, as tables.
    const isToLive = number === 0 || number === kills || rng.below(3) > 0
    if (isToLive)
      await life.until(
        'acknowledges and takes',
        () => life.told('acked').length > 20 && life.told('delivered').length > 20
      )
    await new Promise((resolve) => setTimeout(resolve, rng.below(LONGEST_MS)))
    await life.kill()
    const loaded = new Map(life.told('loaded').map((line) => line.split(' ') as [string, string]))
    const delivered = life.told('delivered')
    const isComplete = life.told('loaded-all').length > 0
    for (const text of toll.acknowledged)
      if (isComplete && !loaded.has(text)) toll.missing.add(text)
    const taken = [...loaded].filter(([, handled]) => handled === 'true').map(([text]) => text)
    toll.twice.push(
      ...delivered.filter((text, index) => {
        return taken.includes(text) || text.startsWith('own-') || delivered.indexOf(text) < index
      })
    )
    toll.kept += taken.filter((text) => text.startsWith('other-')).length
    toll.damaged += life.told('damaged').length
    for (const text of life.told('acked')) toll.acknowledged.add(text)
  }
  return toll
}

test(
  'again and again: nothing acknowledged is missing, nothing taken is taken again',
  // Only what hangs takes so long.
  { timeout: 30_000 * KILLS },
  async () => {
    const { acknowledged, missing, twice, kept, damaged } = await killAgainAndAgain(KILLS)
    expect({ missing: [...missing], twice, damaged }, `seed ${SEED}`).toEqual({
      missing: [],
      twice: [],
      damaged: 0
    })
    expect(acknowledged.size).toBeGreaterThan(50)
    expect(kept).toBeGreaterThan(20)
  }
)

test('storage that acknowledges before it writes is caught', async () => {
  expect((await killAgainAndAgain(2, 'early')).missing.size, `seed ${SEED}`).toBeGreaterThan(0)
})

test.skipIf(!existsSync(PRLIMIT))(
  'files that cannot grow: the node says so and goes on, and loses nothing when killed',
  async () => {
    const location = mkdtempSync(join(folder, 'state-'))
    const life = new Life(location, '0')
    const count = (word: string): number => life.told(word).length
    await life.until('acknowledges', () => count('acked') > 20)
    limitFiles(life, '1024')
    await life.until('refuses', () => count('refused') > 20)
    expect(new Set(life.told('failed'))).toEqual(new Set(['STORAGE_FAILED']))
    const delivered = count('delivered')
    await life.until('goes on', () => count('delivered') > delivered + 20)
    const acknowledged = count('acked')
    limitFiles(life, 'unlimited')
    await life.until('acknowledges again', () => count('acked') > acknowledged + 20)
    await life.kill()
    const next = new Life(location, '1')
    await next.until('starts', () => next.told('acked').length > 0)
    const loaded = next.told('loaded').map((line) => line.split(' ')[0])
    expect(life.told('acked').filter((text) => !loaded.includes(text))).toEqual([])
    // All that was refused while the disk was full was written when it no longer was.
    expect(
      life
        .told('refused')
        .slice(0, 20)
        .filter((text) => !loaded.includes(text))
    ).toEqual([])
    expect(next.told('damaged')).toEqual([])
  }
)

/** The longest a file of the process may be, in bytes: writes beyond fail as on a full disk. */
function limitFiles(life: Life, limit: string): void {
  expect(spawnSync(PRLIMIT, ['--pid', life.pid, `--fsize=${limit}:`]).status).toBe(0)
}
