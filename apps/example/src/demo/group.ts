/** A group of nodes on this machine: started together; killed, restarted, cut apart and healed as asked. */

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

/** The place of one node; who sits there may be killed, and another started. */
export interface Seat {
  readonly number: number
  readonly status: 'starting' | 'up' | 'down'
  /** How many nodes sat here before this one. */
  readonly life: number
  /** Where the node listens, or listened; empty before it does. */
  readonly address: string
  /** What it last told; undefined before it has. */
  readonly sight: Sight | undefined
}

/** What happens in the group; `seat` is as it is at that moment. */
export interface GroupListener {
  connected(seat: Seat): void
  submitted(seat: Seat, content: string, atMs: number): void
  /** `from` is the number of the node that handed it over first. */
  delivered(seat: Seat, content: string, atMs: number, from: number | undefined): void
  failed(seat: Seat, reason: string): void
  /** The node is gone: killed, or its process ended. */
  ended(seat: Seat, reason: string): void
}

/** As many living nodes a restarted one is told of. */
const CONTACTS = 3
/** Addresses of earlier lives that are still told apart. */
const MAX_ADDRESSES = 2000

type MutableSeat = { -readonly [Name in keyof Seat]: Seat[Name] } & { node: DemoNode }

export class Group {
  readonly #options: GroupOptions
  readonly #listener: GroupListener
  readonly #seats: MutableSeat[]
  readonly #numbers = new Map<string, number>()
  /** The numbers of one side; those of the other are all the rest. Empty when nothing is cut. */
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

  /** One side of the cut; empty when there is none. */
  get side(): ReadonlySet<number> {
    return this.#side
  }

  /** The number of the node that listens there, or did in an earlier life. */
  numberOf(address: string): number | undefined {
    return this.#numbers.get(address)
  }

  /** All but the first know one address: gossip makes them known to one another. */
  async start(): Promise<void> {
    const [first, ...others] = this.#seats
    await this.#startNode(first!, [])
    await Promise.all(others.map((seat) => this.#startNode(seat, [first!.address])))
  }

  submit(number: number, content: string): void {
    const seat = this.#seats[number]!
    if (seat.status === 'up') seat.node.submit(content)
  }

  /** Whether there was a living node to kill. */
  async kill(number: number): Promise<boolean> {
    const seat = this.#seats[number]
    if (seat?.status !== 'up') return false
    this.#end(seat, 'killed')
    await seat.node.kill()
    return true
  }

  /** A new node in the place of a dead one, under a new address and with nothing but some contacts. Whether it was dead. */
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

  /** Parts these from all others: nothing passes between the two sides until {@link heal}. */
  cut(side: readonly number[]): void {
    this.#side = new Set(side)
    for (const seat of this.#seats) this.#part(seat)
  }

  heal(): void {
    this.cut([])
  }

  /** Has every living node tell what it holds; `sight` of the seats changes soon. */
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
    if (this.#side.size > 0) this.cut([...this.#side])
  }

  #remember({ address, number }: Seat): void {
    if (this.#numbers.size >= MAX_ADDRESSES) {
      const [oldest] = [...this.#numbers].find(
        ([known, owner]) => this.#seats[owner]!.address !== known
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

  /** What a node says after another has taken its place is not heard. */
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
