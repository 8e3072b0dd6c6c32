/** Groups the eager pushes of one turn: updates to one peer along one tree share a message, as far as one holds them. */

import { ageAt, FIELDS, MESSAGE_COST } from '../model/message.ts'
import type { Message, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { digestCheck, type KeyedUpdate } from '../model/update.ts'
import type { UpdateTrace } from './seen-by.ts'

/** An update that this node has accepted and not spread yet. */
export interface FreshUpdate {
  readonly atMs: number
  readonly trace: UpdateTrace
  /** `undefined` once it may no longer be pushed; then only its digest is sent. */
  update: KeyedUpdate | undefined
  /** The length of its content. */
  readonly bytes: number
  readonly submittedAtMs: number
}

/** A fresh update that is pushed. */
export interface EagerUpdate extends FreshUpdate {
  update: KeyedUpdate
}

interface Bundle {
  readonly to: Address
  readonly tree: number
  readonly updates: EagerUpdate[]
  bytes: number
}

export class Bundles {
  readonly #maxBytes: number
  readonly #all: Bundle[] = []
  /** The bundles that are not full, by tree and peer. */
  readonly #open = new Map<string, Bundle>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(to: Address, tree: number, update: EagerUpdate): void {
    const key = `${tree} ${to}`
    let bundle = this.#open.get(key)
    if (
      bundle === undefined ||
      bundle.updates.length >= FIELDS.contents.most ||
      bundle.bytes + update.bytes > this.#maxBytes
    ) {
      bundle = { to, tree, updates: [], bytes: 0 }
      this.#all.push(bundle)
      this.#open.set(key, bundle)
    }
    bundle.updates.push(update)
    bundle.bytes += update.bytes + MESSAGE_COST.contentBytes
  }

  /** Returns a message for each bundle. */
  pushes(nowMs: number): Send[] {
    return this.#all.map(({ to, tree, updates }) => {
      const message: Message = {
        kind: 'eager-push',
        tree,
        check: digestCheck(updates.map(({ trace }) => trace.key)),
        contents: updates.map(({ update }) => update.content),
        ages: updates.map(({ submittedAtMs }) => ageAt(nowMs, submittedAtMs))
      }
      return { kind: 'send', to, message, serves: updates.map(({ trace }) => trace.key) }
    })
  }
}
