/** Starts the processes of nodes, and simulates the network between them, with delay and loss. */

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { kill } from '@rumormill/harness/child-process'
import type { Rng } from '@rumormill/protocol/plugin'
import { parseEnvelope, type Body, type Envelope } from '../envelope.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/maelstrom-broadcast', import.meta.url))
const CLIENT = 'c'

export interface NetworkOptions {
  readonly nodes: number
  /** The delay of messages between nodes. */
  readonly delayMs: number
  /** The share of messages between nodes that are lost. */
  readonly loss: number
  readonly rng: Rng
  /** Is called when a node has received a value of another node. */
  readonly delivered: (value: number, atMs: number) => void
}

export class Network {
  readonly names: readonly string[]
  /** The number of messages between nodes, including lost ones. */
  sent = 0
  /** The milliseconds by which this process delivered each message too late. */
  readonly latenessMs: number[] = []
  /** The log output of nodes, and the exit codes of nodes that ended too early. */
  readonly complaints: string[] = []
  readonly #options: NetworkOptions
  readonly #children = new Map<string, ChildProcessWithoutNullStreams>()
  readonly #replies = new Map<number, (body: Body) => void>()
  #messageId = 0
  #isEnding = false
  #isCut: (from: string, to: string) => boolean = () => false

  constructor(options: NetworkOptions) {
    this.#options = options
    this.names = Array.from({ length: options.nodes }, (_, n) => `n${n}`)
    for (const name of this.names) this.#start(name)
  }

  /** Sends a request to a node as a client, without delay. Rejects after `timeoutMs`. */
  ask(node: string, body: Body, timeoutMs: number): Promise<Body> {
    const id = ++this.#messageId
    return new Promise((resolve, reject) => {
      const alarm = setTimeout(() => {
        this.#replies.delete(id)
        reject(new Error(`${node} did not answer ${body.type} within ${timeoutMs} ms`))
      }, timeoutMs)
      this.#replies.set(id, (reply) => {
        clearTimeout(alarm)
        resolve(reply)
      })
      this.#tell({ src: CLIENT, dest: node, body: { ...body, msg_id: id } })
    })
  }

  /** Drops all messages from and to the nodes for which `isCut` returns true. Replaces earlier cuts. */
  cut(isCut: (from: string, to: string) => boolean): void {
    this.#isCut = isCut
  }

  heal(): void {
    this.#isCut = () => false
  }

  /** Ends all nodes. */
  async stop(): Promise<void> {
    this.#isEnding = true
    await Promise.all([...this.#children.values()].map((child) => kill(child)))
  }

  #start(name: string): void {
    const child = spawn(process.execPath, [PROGRAM, '--log-deliveries'])
    this.#children.set(name, child)
    child.stdin.on('error', () => {})
    child.once('exit', (code, signal) => {
      if (!this.#isEnding) this.complaints.push(`${name} ended with ${code ?? signal}`)
    })
    createInterface(child.stdout).on('line', (line) => {
      const envelope = parseEnvelope(line)
      if (envelope === undefined) this.complaints.push(`${name}: ${line.slice(0, 200)}`)
      else this.#route(envelope)
    })
    createInterface(child.stderr).on('line', (line) => {
      const [word, value, ms] = line.split(' ')
      if (word === 'delivered')
        this.#options.delivered(Number(value), Number(ms) - performance.timeOrigin)
      else this.complaints.push(`${name}: ${line.slice(0, 200)}`)
    })
  }

  #route(envelope: Envelope): void {
    const { src, dest, body } = envelope
    if (dest === CLIENT) {
      this.#replies.get(body.in_reply_to ?? 0)?.(body)
      this.#replies.delete(body.in_reply_to ?? 0)
      return
    }
    this.sent++
    const { delayMs, loss, rng } = this.#options
    if (rng.fraction() < loss) return
    const dueMs = performance.now() + delayMs
    setTimeout(() => {
      this.latenessMs.push(performance.now() - dueMs)
      if (!this.#isCut(src, dest)) this.#tell(envelope)
    }, delayMs)
  }

  #tell(envelope: Envelope): void {
    this.#children.get(envelope.dest)?.stdin.write(`${JSON.stringify(envelope)}\n`)
  }
}
