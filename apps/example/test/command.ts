/** Runs the built command `rumormill` as people do: as a process, with its input, its output and signals. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PATIENCE_MS = 60_000

export interface CommandResult {
  readonly code: number | null
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

export class Command {
  readonly #child: ChildProcess
  readonly #args: readonly string[]
  readonly #ended: Promise<unknown>
  #stdout = ''
  #stderr = ''
  #onOutput: () => void = () => {}

  /** Starts the command; it is killed at the end of the test, should it still run then. */
  constructor(...args: readonly string[]) {
    this.#args = args
    // Detached: a process group of its own, as a terminal gives to each command.
    this.#child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe', detached: true })
    this.#ended = once(this.#child, 'close')
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#onOutput()
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#onOutput()
    })
    // A command that has ended does not read its input any more.
    this.#child.stdin!.on('error', () => {})
    onTestFinished(async () => {
      this.#child.kill('SIGKILL')
      await this.#ended
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  get stdout(): readonly string[] {
    return linesOf(this.#stdout)
  }

  get stderr(): readonly string[] {
    return linesOf(this.#stderr)
  }

  type(text: string): void {
    this.#child.stdin!.write(text)
  }

  endInput(text = ''): void {
    this.#child.stdin!.end(text)
  }

  /** What `head` does when it has seen enough. */
  stopReading(): void {
    this.#child.stdout!.destroy()
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** What a terminal does at Ctrl-C: the command and all its children get the signal. */
  pressCtrlC(): void {
    process.kill(-this.pid, 'SIGINT')
  }

  /** Waits until the output is such; fails with all of it when that takes too long. */
  async until(what: string, holds: (command: this) => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(
        () => reject(new Error(`${what}: not so in ${this.#report()}`)),
        PATIENCE_MS
      )
      this.#onOutput = () => {
        if (!holds(this)) return
        clearTimeout(giveUp)
        resolve()
      }
      this.#onOutput()
    })
    this.#onOutput = () => {}
  }

  async prints(line: string): Promise<void> {
    await this.until(`prints ${line}`, ({ stdout }) => stdout.includes(line))
  }

  /** Waits for the end. */
  async result(): Promise<CommandResult> {
    let giveUp: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      giveUp = setTimeout(() => reject(new Error(`does not end: ${this.#report()}`)), PATIENCE_MS)
    })
    await Promise.race([this.#ended, late])
    clearTimeout(giveUp)
    return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr }
  }

  #report(): string {
    return `rumormill ${this.#args.join(' ')}\n--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`
  }
}

/** Runs a command to its end. */
export async function run(...args: readonly string[]): Promise<CommandResult> {
  const command = new Command(...args)
  command.endInput()
  return command.result()
}

/** A started chat and its address. */
export async function startChat(
  ...args: readonly string[]
): Promise<{ chat: Command; address: string }> {
  const chat = new Command('chat', ...args)
  await chat.until('listens', ({ stdout }) => stdout[0]?.startsWith('listening on ') === true)
  return { chat, address: chat.stdout[0]!.slice('listening on '.length) }
}

/** An address that was free a moment ago, for a node that others must know before it starts. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1)
}
