/** A group of nodes on this machine that can be killed, restarted, partitioned and healed. */

import { childNode } from './child-node.ts'
import {
  localNode,
  type DemoListener,
  type DemoNode,
  type DemoNodeOptions,
  type Sight
} from './demo-node.ts'

export interface GroupOptions extends DemoNodeOptions {
  readonly nodes: number
  readonly processes: boolean
}

/** The place of one node, which may be killed and replaced by a new one. */
export interface Seat {
  readonly number: number
  readonly status: 'starting' | 'up' | 'down'
  /** How many nodes had this seat before. */
  readonly life: number
  /** The address of the node; empty before it listens. */
  readonly address: string
  /** Its last figures; undefined before the first ones. */
  readonly sight: Sight | undefined
}

/** The events of the group; `seat` has the state of that moment. */
export interface GroupListener {
  connected(seat: Seat): void
  submitted(seat: Seat, content: string, atMs: number): void
  /** `from` is the number of the node that sent it first. */
  delivered(seat: Seat, content: string, atMs: number, from: number | undefined): void
  failed(seat: Seat, reason: string): void
  /** The node was killed, or its process ended. */
  ended(seat: Seat, reason: string): void
}

/** The number of live nodes that a restarted one gets as contacts. */
const CONTACTS = 3
/** The most addresses of earlier lives that are remembered. */
const MAX_ADDRESSES = 2000

type MutableSeat = { -readonly [Name in keyof Seat]: Seat[Name] } & { node: DemoNode }

export class Group {
  readonly #options: GroupOptions
  readonly #listener: GroupListener
  readonly #seats: MutableSeat[]
  readonly #numbers = new Map<string, number>()
  /** The numbers of the nodes on one side of the partition; all others are on the other side. Empty without a partition. */
  #side: ReadonlySet<number> = new Set()
  #stopped = false

  constructor(options: GroupOptions, listener: GroupListener) {
    this.#options = options
    this.#listener = listener
    this.#seats = Array.from({ length: options.nodes }, (_, number) => {
      const seat: Omit<MutableSeat, 'node'> = {
        number,
        status: 'starting',
        life: 0,
        address: '',
        sight: undefined
      }
      return Object.assign(seat, { node: this.#createNode(number, 0) })
    })
  }

  get seats(): readonly Seat[] {
    return this.#seats
  }

  /** The nodes on one side of the partition; empty without a partition. */
  get side(): ReadonlySet<number> {
    return this.#side
  }

  /** Returns the number of the node with this address, now or in an earlier life. */
  numberOf(address: string): number | undefined {
    return this.#numbers.get(address)
  }

  /** Starts all nodes. The first one is the only contact of the others, which find one another by gossip. */
  async start(): Promise<void> {
    const [first, ...others] = this.#seats
    await this.#startNode(first!, [])
    await Promise.all(others.map((seat) => this.#startNode(seat, [first!.address])))
  }

  submit(number: number, content: string): void {
    const seat = this.#seats[number]!
    if (seat.status === 'up') seat.node.submit(content)
  }

  /** Kills a node; resolves with whether it was alive. */
  async kill(number: number): Promise<boolean> {
    const seat = this.#seats[number]
    if (seat?.status !== 'up') return false
    this.#end(seat, 'killed')
    await seat.node.kill()
    return true
  }

  /** Replaces a dead node by a new one with a new address and some contacts; resolves with whether it was dead. */
  async restart(number: number): Promise<boolean> {
    const seat = this.#seats[number]
    if (seat?.status !== 'down' || this.#stopped) return false
    const near = this.#living().filter(
      (other) => this.#side.has(other.number) === this.#side.has(number)
    )
    const contacts = near.slice(0, CONTACTS).map(({ address }) => address)
    Object.assign(seat, { status: 'starting', life: seat.life + 1, sight: undefined })
    seat.node = this.#createNode(number, seat.life)
    await this.#startNode(seat, contacts)
    return true
  }

  /** Splits the group: these nodes and all others do not reach each other until {@link heal}. */
  partition(side: readonly number[]): void {
    this.#side = new Set(side)
    for (const seat of this.#seats) this.#part(seat)
  }

  heal(): void {
    this.partition([])
  }

  /** Requests the figures of all live nodes, which update `sight` of the seats soon. */
  look(): void {
    if (this.#stopped) return
    for (const { node } of this.#living()) node.look()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.allSettled(this.#seats.map(({ node }) => node.stop()))
  }

  #living(): readonly MutableSeat[] {
    return this.#seats.filter(({ status }) => status === 'up')
  }

  async #startNode(seat: MutableSeat, contacts: readonly string[]): Promise<void> {
    const { node } = seat
    try {
      seat.address = await node.start(contacts)
    } catch (error) {
      seat.status = 'down'
      throw error
    }
    if (seat.node !== node || seat.status !== 'starting') return
    seat.status = 'up'
    this.#remember(seat)
    if (this.#side.size > 0) this.partition([...this.#side])
  }

  #remember({ address, number }: Seat): void {
    if (this.#numbers.size >= MAX_ADDRESSES) {
      const [oldest] = [...this.#numbers].find(
        ([earlier, owner]) => this.#seats[owner]!.address !== earlier
      )!
      this.#numbers.delete(oldest)
    }
    this.#numbers.set(address, number)
  }

  #part({ number, node, status }: MutableSeat): void {
    if (status !== 'up') return
    const parted =
      this.#side.size === 0
        ? []
        : this.#living().filter((other) => {
            return this.#side.has(other.number) !== this.#side.has(number)
          })
    node.cut(parted.map(({ address }) => address))
  }

  #end(seat: MutableSeat, reason: string): void {
    seat.status = 'down'
    this.#listener.ended(seat, reason)
  }

  #createNode(number: number, life: number): DemoNode {
    const create = this.#options.processes ? childNode : localNode
    return create(this.#options, this.#listenerOf(number, life))
  }

  /** Returns a listener that ignores the events of a node after it was replaced. */
  #listenerOf(number: number, life: number): DemoListener {
    const present = (tell: (seat: MutableSeat) => void): void => {
      const seat = this.#seats[number]!
      if (seat.life === life) tell(seat)
    }
    return {
      connected: () => present((seat) => this.#listener.connected(seat)),
      submitted: (content, atMs) =>
        present((seat) => this.#listener.submitted(seat, content, atMs)),
      delivered: (content, atMs, from) =>
        present((seat) => {
          this.#listener.delivered(
            seat,
            content,
            atMs,
            from === undefined ? undefined : this.#numbers.get(from)
          )
        }),
      saw: (sight) =>
        present((seat) => {
          seat.sight = sight
        }),
      failed: (reason) => present((seat) => this.#listener.failed(seat, reason)),
      ended: (reason) =>
        present((seat) => {
          if (!this.#stopped && seat.status !== 'down') this.#end(seat, reason)
        })
    }
  }
}
