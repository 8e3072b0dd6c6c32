/** The chat: submits the lines typed or piped in, and prints the lines of others. */

import { createInterface, type Interface } from 'node:readline'
import type { GossipEvent, GossipService, Update } from '@rumormill/protocol'
import { levelStorage } from '@rumormill/storage-level'
import { complaints, describe } from '../complaints.ts'
import { metricsServer } from '../metrics.ts'
import { createNode } from '../node.ts'
import { loadTransport, type JoinOptions } from '../plugins.ts'
import { decodeLine, encodeLine } from './chat-line.ts'

export interface ChatOptions extends JoinOptions {
  readonly exitOnEnd: boolean
  /** The folder that stores lines and peers across restarts. */
  readonly state?: string | undefined
  /** The port of its metrics. */
  readonly metrics?: number | undefined
}

/** The interval at which the named peers are tried again: the nodes of a chat are started one by one, in any order. */
const ASK_MS = 2000
/** How long a line stays active, and is sent to new members. */
const KEPT_MS = 10 * 60 * 1000
/** The time limit for the last lines to be fetched with `--exit-on-end`. */
const LEAVE_MS = 10_000

/** Chats until `signal` aborts, or the input ends with `--exit-on-end`. The exit code is 0 when no line was lost. */
export async function runChat(options: ChatOptions, signal: AbortSignal): Promise<number> {
  await loadTransport(options.transport)
  const chat = new Chat(options)
  try {
    return await chat.run(signal)
  } finally {
    process.stdin.unref?.()
    await chat.leave()
  }
}

class Chat {
  readonly #options: ChatOptions
  readonly #service: GossipService
  readonly #metrics = metricsServer()
  /** The digests of own lines that no peer has fetched yet. */
  readonly #unacknowledged = new Set<string>()
  #input: Interface | undefined
  #left = false
  #notSent = 0
  #onServed: () => void = () => {}

  constructor(options: ChatOptions) {
    this.#options = options
    const { listen, advertise, keyFile, peer, transport, codec, network, state } = options
    const complain = complaints(peer, (complaint) => this.#print(process.stderr, complaint))
    this.#service = createNode({
      transport,
      listen: { ...listen, advertise, keyFile },
      codec,
      peers: peer,
      network,
      store: { expiration: { mode: 'duration', ms: KEPT_MS } },
      peerFinding: { intervalMs: ASK_MS },
      ...(state === undefined ? {} : { storage: levelStorage({ location: state, repair: true }) }),
      onUpdate: (update) => this.#show(update),
      observe: (event) => {
        complain(event)
        this.#metrics.observe(event)
        this.#watch(event)
      }
    })
  }

  async run(signal: AbortSignal): Promise<number> {
    this.#print(process.stdout, `listening on ${await this.#service.start()}`)
    const { metrics } = this.#options
    if (metrics !== undefined)
      this.#print(process.stderr, `metrics at ${await this.#metrics.serve(this.#service, metrics)}`)
    const atTerminal = process.stdin.isTTY && process.stdout.isTTY
    // Opened only once lines can be sent, because earlier input would be lost. Without a terminal nothing is echoed.
    const input = createInterface({
      input: process.stdin,
      prompt: '',
      ...(atTerminal ? { output: process.stdout } : {})
    })
    this.#input = input
    const ended = new Promise<void>((resolve) => input.once('close', resolve))
    const endRequested = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
      // On a terminal, readline handles Ctrl-C and Ctrl-D itself.
      input.once('SIGINT', resolve)
      if (process.stdin.isTTY) void ended.then(resolve)
    })
    input.on('line', (line) => this.#say(line))
    if (!this.#options.exitOnEnd) {
      await keepAlive(endRequested)
      return 0
    }
    await Promise.race([endRequested, ended.then(() => this.#spreadAll())])
    if (this.#unacknowledged.size === 0) return this.#notSent === 0 ? 0 : 1
    this.#print(
      process.stderr,
      `lines that no peer fetched: ${this.#unacknowledged.size} (check --peer, and whether the stores of the peers are full)`
    )
    return 1
  }

  async leave(): Promise<void> {
    this.#left = true
    this.#input?.close()
    this.#metrics.stop()
    await this.#service.stop()
  }

  #say(text: string): void {
    if (text.trim() === '' || this.#left) return
    try {
      const { digest } = this.#service.submit(encodeLine({ author: this.#service.address, text }))
      if (this.#options.exitOnEnd) this.#unacknowledged.add(digest)
    } catch (error) {
      this.#notSent++
      this.#print(process.stderr, `not sent: ${describe(error)}`)
    }
  }

  #show({ digest, content }: Update): void {
    const line = decodeLine(content)
    const stranger = `* update ${digest}, ${content.length} bytes, not a line`
    this.#print(process.stdout, line === undefined ? stranger : `<${line.author}> ${line.text}`)
  }

  #watch(event: GossipEvent): void {
    if (event.kind !== 'served') return
    this.#unacknowledged.delete(event.digest)
    if (this.#unacknowledged.size === 0) this.#onServed()
  }

  async #spreadAll(): Promise<void> {
    if (this.#unacknowledged.size === 0) return
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, LEAVE_MS)
      this.#onServed = () => {
        clearTimeout(giveUp)
        resolve()
      }
    })
  }

  /** Prints a line. On a terminal, the line being typed moves down. */
  #print(stream: NodeJS.WriteStream, text: string): void {
    const typing = this.#input?.terminal === true && !this.#left
    if (typing) process.stdout.write('\r\u001B[K')
    stream.write(`${text}\n`)
    if (typing) this.#input!.prompt(true)
  }
}

/** Waits for `end`, and keeps the process running, which nothing else does without a peer and after the end of the input. */
async function keepAlive(end: Promise<void>): Promise<void> {
  const alive = setInterval(() => {}, 60_000)
  await end
  clearInterval(alive)
}
