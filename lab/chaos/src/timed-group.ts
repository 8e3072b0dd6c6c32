/** A group of nodes in their own processes, over TCP or libp2p, which record what each node saw and when. */

import { NodeProcess } from '@rumormill/harness/node-process'
import { until } from '@rumormill/harness/until'
import { launch, type Place } from './launch.ts'
import { machineMs } from './machine-clock.ts'
import type {
  Note,
  TimedLife,
  TimedNews,
  TimedOrder,
  TimedState,
  TransportKind
} from './timed-node-process.ts'

interface Member {
  readonly process: NodeProcess<TimedOrder, TimedNews>
  /** Empty before it has started. */
  address: string
  /** The records of the node, in order. */
  readonly notes: Note[]
}

/** If processes wait for a processor for more than this share of the time, measured times mean nothing. */
const MAX_WAITING = 0.1

export class TimedGroup {
  readonly kind: TransportKind
  readonly members: Member[] = []
  /** The node that submitted each update. */
  readonly submitted: number[] = []
  readonly #life: TimedLife

  constructor(kind: TransportKind, life: TimedLife = {}) {
    this.kind = kind
    this.#life = life
  }

  /** Starts a node at each place, or on loopback, with the ones before it as its peer source. Resolves when all listen. */
  async start(places: readonly (Place | undefined)[]): Promise<void> {
    const first = this.members.length
    // All processes load their modules at the same time.
    for (const [index, place] of places.entries()) this.members.push(open(place, first + index))
    for (const [index, place] of places.entries()) {
      const number = first + index
      const member = this.members[number]!
      member.address = await member.process.ask({
        kind: 'start',
        transport: this.kind,
        host: place?.host ?? '127.0.0.1',
        peers: this.members.slice(0, number).map(({ address }) => address),
        life: this.#life
      })
    }
  }

  /** Lets a node submit the next `count` updates. Returns the number of the first. */
  submit(by: number, bytes: number = 64, count: number = 1): number {
    const id = this.submitted.length
    for (let each = 0; each < count; each++) this.submitted.push(by)
    this.members[by]!.process.say({ kind: 'submit', id, count, bytes })
    return id
  }

  /** Returns the state of a node. Rejects when its process has ended. */
  state(number: number): Promise<TimedState> {
    return this.members[number]!.process.ask({ kind: 'state' })
  }

  /** Returns when node `number` first got an update of another node; undefined while it has not. */
  heardMs(number: number, id: number): number | undefined {
    const { notes } = this.members[number]!
    return notes.find((note) => note.kind === 'heard' && note.id === id)?.atMs
  }

  submittedMs(id: number): number | undefined {
    const { notes } = this.members[this.submitted[id]!]!
    return notes.find((note) => note.kind === 'submitted' && note.id === id)?.atMs
  }

  /** Returns the updates that node `number` lacks. */
  missing(number: number): number[] {
    const { notes } = this.members[number]!
    const heard = new Set(notes.flatMap((note) => (note.kind === 'heard' ? [note.id] : [])))
    return this.submitted.flatMap((by, id) => (by === number || heard.has(id) ? [] : [id]))
  }

  /** How many updates are missing, summed over the nodes. */
  get lost(): number {
    return this.members.reduce((sum, _, number) => sum + this.missing(number).length, 0)
  }

  get duplicates(): number {
    return this.members.reduce((sum, { notes }) => {
      const heard = notes.flatMap((note) => (note.kind === 'heard' ? [note.id] : []))
      return sum + heard.length - new Set(heard).size
    }, 0)
  }

  /** Returns whether node `other` is in the view of node `number` now. */
  knows(number: number, other: number): boolean {
    const { address } = this.members[other]!
    const view = this.members[number]!.notes.findLast((note) => note.kind === 'view')
    return view?.kind === 'view' && view.peers.includes(address)
  }

  /** Returns whether each of `nodes` has every other node in its view. */
  areAcquainted(nodes: readonly number[] = [...this.members.keys()]): boolean {
    return nodes.every((number) =>
      this.members.every((_, other) => other === number || this.knows(number, other))
    )
  }

  /** Waits until all views and all updates are complete, at most `timeoutMs`. Returns whether they are. */
  whole(timeoutMs: number): Promise<boolean> {
    return until(() => this.areAcquainted() && this.lost === 0, timeoutMs, 50)
  }

  /**
   * Measures from now on how long `nodes` wait for a processor. The returned function resolves with whether one of them waited
   * for too much of the time since.
   */
  async watchWaiting(
    nodes: readonly number[] = [...this.members.keys()]
  ): Promise<() => Promise<boolean>> {
    const waited = (): Promise<number[]> =>
      Promise.all(nodes.map(async (node) => (await this.state(node)).waitedMs))
    const [sinceMs, before] = [machineMs(), await waited()]
    return async () => {
      const now = await waited()
      const withinMs = machineMs() - sinceMs
      return now.some((ms, index) => ms - before[index]! > MAX_WAITING * withinMs)
    }
  }

  signal(number: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.members[number]!.process.child.kill(signal)
  }

  /** Kills all nodes. */
  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.process.kill()))
  }
}

function open(place: Place | undefined, number: number): Member {
  const child = launch('./timed-node-process.js', place?.namespace)
  const notes: Note[] = []
  const running = new NodeProcess<TimedOrder, TimedNews>(child, `node ${number}`, (news) => {
    notes.push(...news.notes)
  })
  return { process: running, address: '', notes }
}
