/** Two disseminators. Each message between them goes through a codec, and rounds only run when a test starts one. */

import { binaryCodec } from '@rumormill/codec-binary'
import type { DisseminationConfig } from '../../src/engine/engine-options.ts'
import type { Message, MessageKind, Send } from '../../src/model/message.ts'
import { UpdateNode } from '../engine/update-node.ts'
import { disseminationOf } from './preset.ts'

export type Side = 'a' | 'b'

export interface Sent {
  readonly from: Side
  readonly kind: MessageKind
  readonly message: Message
  readonly bytes: number
}

const codec = binaryCodec()

export class Pair {
  nowMs = 0
  readonly delivered: Record<Side, string[]> = { a: [], b: [] }
  /** May change or swallow a message on its way. */
  fault: (sent: Sent) => Message | undefined = ({ message }) => message
  readonly #nodes: Record<Side, UpdateNode>

  constructor(a: Partial<DisseminationConfig> = {}, b: Partial<DisseminationConfig> = a) {
    const node = (changes: Partial<DisseminationConfig>, seed: number): UpdateNode =>
      new UpdateNode({ ...disseminationOf('lan'), jitter: 0, ...changes }, { seed })
    this.#nodes = { a: node(a, 1), b: node(b, 2) }
  }

  submit(side: Side | 'both', ...texts: string[]): void {
    for (const each of side === 'both' ? (['a', 'b'] as const) : [side]) {
      for (const text of texts) this.#nodes[each].submit(this.nowMs, new TextEncoder().encode(text))
    }
  }

  active(side: Side): number {
    this.#nodes[side].advance(this.nowMs)
    return this.#nodes[side].gauges().activeUpdates
  }

  /** Returns how many own updates of `side` no peer is known to have. */
  unacknowledged(side: Side): number {
    return this.#nodes[side].unacknowledged
  }

  /** A round of one of them, and all that follows from it. Messages take no time. */
  round(side: Side): Sent[] {
    this.nowMs += 250
    return this.#follow(
      side,
      this.#nodes[side].tick(this.nowMs, () => [other(side)])
    )
  }

  rounds(count: number): Sent[] {
    return Array.from({ length: count }, (_, n) => this.round(n % 2 === 0 ? 'a' : 'b')).flat()
  }

  /** `side` gets a message as if from the other. */
  receive(side: Side, message: Parameters<UpdateNode['receive']>[2]): Sent[] {
    return this.#follow(side, this.#nodes[side].receive(this.nowMs, other(side), message))
  }

  #follow(side: Side, effects: ReturnType<UpdateNode['receive']>): Sent[] {
    const all: Sent[] = []
    const queue: Sent[] = []
    const perform = (from: Side, sent: typeof effects): void => {
      for (const effect of sent) {
        if (effect.kind === 'deliver')
          this.delivered[from].push(new TextDecoder().decode(effect.update.content))
        if (effect.kind === 'send') queue.push(this.#sent(from, effect))
      }
    }
    perform(side, effects)
    for (let sent = queue.shift(); sent !== undefined; sent = queue.shift()) {
      all.push(sent)
      if (all.length > 10_000) throw new Error('they never come to an end')
      const message = this.fault(sent)
      if (message === undefined) continue
      this.#nodes[sent.from].sent(this.nowMs, message)
      const to = other(sent.from)
      perform(to, this.#nodes[to].receive(this.nowMs, sent.from, message))
    }
    return all
  }

  #sent(from: Side, { message }: Send): Sent {
    const frame = codec.encode(message)
    return { from, kind: message.kind, message: codec.decode(frame), bytes: frame.length }
  }
}

function other(side: Side): Side {
  return side === 'a' ? 'b' : 'a'
}

export const kinds = (sent: readonly Sent[]): MessageKind[] => sent.map(({ kind }) => kind)

/** The bytes of messages of these kinds. */
export function bytesOf(sent: readonly Sent[], ...of: MessageKind[]): number {
  return sent.filter(({ kind }) => of.includes(kind)).reduce((sum, { bytes }) => sum + bytes, 0)
}

export const texts = (count: number, name = 'update'): string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`)

/** Returns a pair with so many common updates, and so many different ones, half on each side. */
export function differing(
  common: number,
  differences: number,
  ...configs: ConstructorParameters<typeof Pair>
): Pair {
  const pair = new Pair(...configs)
  pair.submit('both', ...texts(common))
  pair.submit('a', ...texts(Math.ceil(differences / 2), 'of a'))
  pair.submit('b', ...texts(Math.floor(differences / 2), 'of b'))
  return pair
}
