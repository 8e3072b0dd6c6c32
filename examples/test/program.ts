/** Runs the built examples as people do: as processes of their own, with input, output and Ctrl-C. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PATIENCE_MS = 60_000

export interface Outcome {
  readonly code: number | null
  readonly lines: readonly string[]
}

/** One started example, and what it has printed; what goes to stderr begins with `!`. */
export class Program {
  readonly #child: ChildProcess
  readonly #words: readonly string[]
  readonly #ended: Promise<unknown>
  #text = ''
  #onText: () => void = () => {}

  /** Starts `npm run example -- WORDS`, as far as it is ours; it is killed at the end of the test, should it still run. */
  constructor(words: readonly string[], cwd?: string) {
    this.#words = words
    this.#child = spawn(process.execPath, [MAIN, ...words], { stdio: 'pipe', cwd })
    this.#ended = once(this.#child, 'close')
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#text += text
        this.#onText()
      })
    }
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.#ended
    })
  }

  get lines(): readonly string[] {
    return this.#text.split('\n').slice(0, -1)
  }

  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`)
  }

  /** Waits for the end as well. */
  pressCtrlC(): Promise<Outcome> {
    this.#child.kill('SIGINT')
    return this.outcome()
  }

  /** Waits for a line; gives what the pattern's first group has caught, or the line. */
  async prints(pattern: RegExp): Promise<string> {
    const find = (): RegExpExecArray | undefined =>
      this.lines.map((line) => pattern.exec(line)).find((match) => match !== null) ?? undefined
    await this.#until(
      `a line like ${pattern}`,
      new Promise<void>((resolve) => {
        this.#onText = () => {
          if (find() !== undefined) resolve()
        }
        this.#onText()
      })
    )
    const [line, group = line] = find()!
    return group
  }

  /** Waits for the end. */
  async outcome(): Promise<Outcome> {
    await this.#until('the end', this.#ended)
    return { code: this.#child.exitCode, lines: this.lines }
  }

  async #until(what: string, event: Promise<unknown>): Promise<void> {
    let giveUp: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      giveUp = setTimeout(
        () =>
          reject(new Error(`waited in vain for ${what}: ${this.#words.join(' ')}\n${this.#text}`)),
        PATIENCE_MS
      )
    })
    await Promise.race([event, late]).finally(() => clearTimeout(giveUp))
  }
}

/** A new folder that goes away with the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rumormill-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
