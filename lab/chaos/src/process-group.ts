/** A group of nodes on loopback, each in its own process, which can be suspended, resumed and killed. */

import { NodeProcess } from '@rumormill/harness/node-process'
import { until } from '@rumormill/harness/until'
import type { TcpStats } from '@rumormill/transport-tcp'
import { launch, type Place } from './launch.ts'
import type { NodeCount, NodeLife, NodeNews, NodeOrder, NodePulse } from './node-process.ts'
import type { Vitals } from './vitals.ts'

interface Member {
  readonly process: NodeProcess<NodeOrder, NodeNews>
  readonly address: string
  /** How often each update arrived, and when first. */
  readonly heard: Map<number, { count: number; atMs: number }>
}

/** Milliseconds between the rounds, and the view exchanges, of its nodes, by the `lan` preset. */
export const PROCESS_ROUND_MS = 200
export const PROCESS_VIEW_PERIOD_MS = 500

export class ProcessGroup {
  /** The nodes by number; a restart replaces the entry. */
  readonly members: Member[] = []
  readonly submitted: { readonly by: number; readonly atMs: number }[] = []
  readonly #life: NodeLife

  constructor(life: NodeLife = {}) {
    this.#life = life
  }

  /** Starts `count` nodes whose peer source is the first one; resolves when all listen. */
  async start(count: number): Promise<void> {
    await this.join(0, 0)
    await Promise.all(Array.from({ length: count - 1 }, (_, index) => this.join(index + 1, 0)))
  }

  /**
   * Starts or restarts node `number`; port 0 is any free one. Its peer source is the first node; at another place, all nodes
   * before it.
   */
  async join(number: number, port: number, place?: Place): Promise<void> {
    const child = launch('./node-process.js', place?.namespace)
    const heard: Member['heard'] = new Map()
    const running = new NodeProcess<NodeOrder, NodeNews>(child, `node ${number}`, ({ ids }) => {
      for (const id of ids) this.#note(heard, id)
    })
    const contacts = this.members.slice(0, number).map(({ address }) => address)
    const peers = place === undefined ? contacts.slice(0, 1) : contacts
    const host = place === undefined ? {} : { host: place.host }
    const order: NodeOrder = { kind: 'start', ...host, port, peers, life: this.#life }
    this.members[number] = { process: running, address: await running.ask(order), heard }
  }

  /** Lets a node submit the next update. */
  submit(by: number, bytes: number = 64): void {
    const id = this.submitted.push({ by, atMs: performance.now() }) - 1
    this.#say(by, { kind: 'submit', id, bytes })
  }

  /** Returns the addresses in the view of node `number`. */
  peersOf(number: number): Promise<readonly string[]> {
    return this.#ask(number, { kind: 'peers' })
  }

  /** Returns the vitals of a node's process; `anew` restarts the measurement of its event loop. */
  vitals(number: number, anew: boolean = false): Promise<Vitals> {
    return this.#ask(number, { kind: 'vitals', anew })
  }

  /** Returns the counts of a node over the updates submitted so far, for `silent` groups. */
  count(number: number): Promise<NodeCount> {
    return this.#ask(number, { kind: 'count', updates: this.submitted.length })
  }

  connections(number: number): Promise<TcpStats> {
    return this.#ask(number, { kind: 'connections' })
  }

  pulse(number: number): Promise<NodePulse> {
    return this.#ask(number, { kind: 'pulse' })
  }

  /** Shifts the wall clock of a node's process forward or back. */
  shift(number: number, ms: number): void {
    this.#say(number, { kind: 'shift', ms })
  }

  /** Blocks the event loop of a node for `ms`. */
  stall(number: number, ms: number): void {
    this.#say(number, { kind: 'stall', ms })
  }

  signal(number: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.members[number]!.process.child.kill(signal)
  }

  kill(number: number): Promise<void> {
    return this.members[number]!.process.kill()
  }

  /** Returns how many of `updates` (by number) the nodes lack, except for their own. */
  missing(nodes: readonly number[], updates: readonly number[]): number {
    return nodes.reduce((sum, node) => {
      const { heard } = this.members[node]!
      return sum + updates.filter((id) => this.submitted[id]!.by !== node && !heard.has(id)).length
    }, 0)
  }

  /** Waits until no update is missing, at most `timeoutMs`. Returns the number of missing updates. */
  async settle(
    nodes: readonly number[],
    updates: readonly number[],
    timeoutMs: number
  ): Promise<number> {
    await until(() => this.missing(nodes, updates) === 0, timeoutMs, 20)
    return this.missing(nodes, updates)
  }

  /** Returns the longest time from a submission, or from `sinceMs` if later, to the arrival of one of `updates` at one of `nodes`. */
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
    await Promise.all(this.members.map((member) => member.process.kill()))
  }

  #note(heard: Member['heard'], id: number): void {
    const delivery = heard.get(id)
    if (delivery === undefined) heard.set(id, { count: 1, atMs: performance.now() })
    else delivery.count++
  }

  #ask<Answer>(number: number, order: NodeOrder): Promise<Answer> {
    return this.members[number]!.process.ask(order)
  }

  #say(number: number, order: NodeOrder): void {
    this.members[number]!.process.say(order)
  }
}
