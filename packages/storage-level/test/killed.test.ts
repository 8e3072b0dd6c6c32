/**
 * Kills a process repeatedly while it writes. Every acknowledged update must be there after the restart, and none that the
 * handler had may be delivered again. `KILLS=100` sets the number of kills.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '@rumormill/protocol/plugin'
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

/** A process that runs life.ts, and its output. */
class Life {
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown>
  #printed = ''
  #onPrinted: () => void = () => {}

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    this.#gone = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text
      this.#onPrinted()
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

  /** Returns the rest of each line that starts with `word`, in order. */
  printed(word: string): string[] {
    // The last line may be incomplete.
    const lines = this.#printed.split('\n').slice(0, -1)
    return lines
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1))
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(
        () => reject(new Error(`${what}: not so after ${this.#printed.slice(-500)}`)),
        PATIENCE_MS
      )
      this.#onPrinted = () => {
        if (!holds()) return
        clearTimeout(giveUp)
        resolve()
      }
      this.#onPrinted()
    })
  }
}

interface Toll {
  readonly acknowledged: Set<string>
  /** Acknowledged, and not there after a restart. */
  readonly missing: Set<string>
  /** Delivered although the handler had them before, or they are own updates. */
  readonly twice: string[]
  /** Handled before a restart, and not delivered again. */
  kept: number
  damaged: number
}

async function killAgainAndAgain(kills: number, ...mode: readonly string[]): Promise<Toll> {
  const location = mkdtempSync(join(folder, 'state-'))
  const rng = createRng(SEED)
  const toll: Toll = { acknowledged: new Set(), missing: new Set(), twice: [], kept: 0, damaged: 0 }
  for (let number = 0; number <= kills; number++) {
    const life = new Life(location, String(number), ...mode)
    // Some are killed at the start, when LevelDB rewrites its log as tables.
    const isToLive = number === 0 || number === kills || rng.below(3) > 0
    if (isToLive)
      await life.until(
        'acknowledges and takes',
        () => life.printed('acked').length > 20 && life.printed('delivered').length > 20
      )
    await new Promise((resolve) => setTimeout(resolve, rng.below(LONGEST_MS)))
    await life.kill()
    const loaded = new Map(
      life.printed('loaded').map((line) => line.split(' ') as [string, string])
    )
    const delivered = life.printed('delivered')
    const isComplete = life.printed('loaded-all').length > 0
    for (const text of toll.acknowledged)
      if (isComplete && !loaded.has(text)) toll.missing.add(text)
    const taken = [...loaded].filter(([, handled]) => handled === 'true').map(([text]) => text)
    toll.twice.push(
      ...delivered.filter((text, index) => {
        return taken.includes(text) || text.startsWith('own-') || delivered.indexOf(text) < index
      })
    )
    toll.kept += taken.filter((text) => text.startsWith('other-')).length
    toll.damaged += life.printed('damaged').length
    for (const text of life.printed('acked')) toll.acknowledged.add(text)
  }
  return toll
}

test(
  'after repeated kills no acknowledged update is missing, and no handled one is delivered again',
  // Only a process that hangs takes so long.
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

test('the test detects storage that acknowledges before it writes', async () => {
  expect((await killAgainAndAgain(2, 'early')).missing.size, `seed ${SEED}`).toBeGreaterThan(0)
})

test.skipIf(!existsSync(PRLIMIT))(
  'when files cannot grow, the node reports it and goes on, and loses nothing when killed',
  async () => {
    const location = mkdtempSync(join(folder, 'state-'))
    const life = new Life(location, '0')
    const count = (word: string): number => life.printed(word).length
    await life.until('acknowledges', () => count('acked') > 20)
    limitFiles(life, '1024')
    await life.until('refuses', () => count('refused') > 20)
    expect(new Set(life.printed('failed'))).toEqual(new Set(['STORAGE_FAILED']))
    const delivered = count('delivered')
    await life.until('goes on', () => count('delivered') > delivered + 20)
    const acknowledged = count('acked')
    limitFiles(life, 'unlimited')
    await life.until('acknowledges again', () => count('acked') > acknowledged + 20)
    await life.kill()
    const next = new Life(location, '1')
    await next.until('starts', () => next.printed('acked').length > 0)
    const loaded = next.printed('loaded').map((line) => line.split(' ')[0])
    expect(life.printed('acked').filter((text) => !loaded.includes(text))).toEqual([])
    // Updates whose durable submit failed on the full disk were written later.
    expect(
      life
        .printed('refused')
        .slice(0, 20)
        .filter((text) => !loaded.includes(text))
    ).toEqual([])
    expect(next.printed('damaged')).toEqual([])
  }
)

/** Sets the largest file size of the process, in bytes: further writes fail as on a full disk. */
function limitFiles(life: Life, limit: string): void {
  expect(spawnSync(PRLIMIT, ['--pid', life.pid, `--fsize=${limit}:`]).status).toBe(0)
}
