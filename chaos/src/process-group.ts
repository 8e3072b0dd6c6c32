/** A group of nodes on loopback, each in a process of its own, which can be stopped, resumed and killed. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { TcpStats } from '@rumormill/transport-tcp'
import { launch, type Place } from './launch.ts'
import type { NodeCount, NodeLife, NodeNews, NodeOrder, NodePulse } from './node-process.ts'
import type { Vitals } from './vitals.ts'

interface Member {
  readonly child: ChildProcess
  readonly address: string
  /** How often each update came, and when first. */
  readonly heard: Map<number, { count: number; atMs: number }>
  /** Who waits for an answer, in the order of the questions. */
  readonly asked: ((answer: never) => void)[]
}

/** Milliseconds between the rounds, and the view exchanges, of its nodes: those of the `lan` preset. */
export const PROCESS_ROUND_MS = 200
export const PROCESS_VIEW_PERIOD_MS = 500

export class ProcessGroup {
  /** By number; a restarted node has a new entry. */
  readonly members: Member[] = []
  readonly submitted: { readonly by: number; readonly atMs: number }[] = []
  readonly #life: NodeLife

  constructor(life: NodeLife = {}) {
    this.#life = life
  }

  /** Starts `count` nodes that know the first; resolves when all listen. */
  async start(count: number): Promise<void> {
    await this.join(0, 0)
    await Promise.all(Array.from({ length: count - 1 }, (_, index) => this.join(index + 1, 0)))
  }

  /** Starts node `number`, again if it was killed; port 0 is any free one. It knows the first, at another place all before it. */
  async join(number: number, port: number, place?: Place): Promise<void> {
    const child = launch('./node-process.js', place?.namespace)
    const heard: Member['heard'] = new Map()
    const asked: Member['asked'] = []
    // What is said to a node that was killed is lost.
    child.on('error', () => {})
    const started = new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`node ${number} ended before it had started`)))
      child.on('message', (news: NodeNews) => {
        if (news.kind === 'started') resolve(news.address)
        else if (news.kind === 'answer') asked.shift()?.(news.answer as never)
        else for (const id of news.ids) this.#note(heard, id)
      })
    })
    const known = this.members.slice(0, number).map(({ address }) => address)
    const peers = place === undefined ? known.slice(0, 1) : known
    const host = place === undefined ? {} : { host: place.host }
    child.send({ kind: 'start', ...host, port, peers, life: this.#life } satisfies NodeOrder)
    this.members[number] = { child, address: await started, heard, asked }
  }

  /** A node submits the next update. */
  submit(by: number, bytes: number = 64): void {
    const id = this.submitted.push({ by, atMs: performance.now() }) - 1
    this.#say(by, { kind: 'submit', id, bytes })
  }

  /** The addresses that node `number` knows. */
  peersOf(number: number): Promise<readonly string[]> {
    return this.#ask(number, { kind: 'peers' })
  }

  /** How a node's process feels; with `anew`, its loop is watched from now on. */
  vitals(number: number, anew: boolean = false): Promise<Vitals> {
    return this.#ask(number, { kind: 'vitals', anew })
  }

  /** What a node counts of the updates submitted so far: for groups that are silent. */
  count(number: number): Promise<NodeCount> {
    return this.#ask(number, { kind: 'count', updates: this.submitted.length })
  }

  connections(number: number): Promise<TcpStats> {
    return this.#ask(number, { kind: 'connections' })
  }

  pulse(number: number): Promise<NodePulse> {
    return this.#ask(number, { kind: 'pulse' })
  }

  /** Sets the wall clock of a node, as its process sees it, forward or back. */
  shift(number: number, ms: number): void {
    this.#say(number, { kind: 'shift', ms })
  }

  /** Lets a node do nothing at all for so long, in the middle of a turn of its event loop. */
  stall(number: number, ms: number): void {
    this.#say(number, { kind: 'stall', ms })
  }

  signal(number: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.members[number]!.child.kill(signal)
  }

  async kill(number: number): Promise<void> {
    const { child } = this.members[number]!
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  /** How many of `updates` (by number) the nodes lack, each its own excepted. */
  missing(nodes: readonly number[], updates: readonly number[]): number {
    return nodes.reduce((sum, node) => {
      const { heard } = this.members[node]!
      return sum + updates.filter((id) => this.submitted[id]!.by !== node && !heard.has(id)).length
    }, 0)
  }

  /** Waits until nothing is missing, at most `timeoutMs`. Returns what is. */
  async settle(
    nodes: readonly number[],
    updates: readonly number[],
    timeoutMs: number
  ): Promise<number> {
    const endMs = performance.now() + timeoutMs
    for (;;) {
      const missing = this.missing(nodes, updates)
      if (missing === 0 || performance.now() > endMs) return missing
      await delay(20)
    }
  }

  /** How long the slowest of `updates` took to any of `nodes`, counted from `sinceMs` where that is later than its submission. */
  slowestMs(nodes: readonly number[], updates: readonly number[], sinceMs: number = 0): number {
    const delays = nodes.flatMap((node) =>
      updates.map((id) => {
        const heard = this.members[node]!.heard.get(id)
        return heard === undefined ? 0 : heard.atMs - Math.max(sinceMs, this.submitted[id]!.atMs)
      })
    )
    return Math.max(0, ...delays)
  }

  duplicates(nodes: readonly number[]): number {
    return nodes.reduce((sum, node) => {
      return (
        sum +
        [...this.members[node]!.heard.values()].reduce((extra, { count }) => extra + count - 1, 0)
      )
    }, 0)
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.members.map(async ({ child }, number) => {
        if (child.exitCode === null && child.signalCode === null) await this.kill(number)
      })
    )
  }

  #note(heard: Member['heard'], id: number): void {
    const known = heard.get(id)
    if (known === undefined) heard.set(id, { count: 1, atMs: performance.now() })
    else known.count++
  }

  #ask<Answer>(number: number, order: NodeOrder): Promise<Answer> {
    return new Promise<Answer>((resolve) => {
      this.members[number]!.asked.push(resolve)
      this.#say(number, order)
    })
  }

  #say(number: number, order: NodeOrder): void {
    const { child } = this.members[number]!
    if (child.connected) child.send(order, () => {})
  }
}
