/** Eager pushes of one turn: what goes to one peer along one tree travels together, as far as one message holds it. */

import { ageAt, CONTENT_OVERHEAD_BYTES, MAX_CONTENTS } from '../message.ts'
import type { Message, Send } from '../message.ts'
import type { Address } from '../peer.ts'
import { digestCheck, type Update } from '../update.ts'
import type { Tidings } from './hearsay.ts'

/** An update that is fresh here. */
export interface News {
  readonly atMs: number
  readonly tidings: Tidings
  /** Its content, while that may be handed on. */
  update: Update | undefined
  /** How long its content is. */
  readonly bytes: number
  readonly submittedAtMs: number
}

/** One that is handed on. */
export interface HandedOn extends News {
  update: Update
}

interface Bundle {
  readonly to: Address
  readonly tree: number
  readonly news: HandedOn[]
  bytes: number
}

export class Bundles {
  readonly #maxBytes: number
  readonly #all: Bundle[] = []
  /** Those that may grow, by tree and peer. */
  readonly #open = new Map<string, Bundle>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(to: Address, tree: number, news: HandedOn): void {
    const key = `${tree} ${to}`
    const { bytes: length } = news
    let bundle = this.#open.get(key)
    if (
      bundle === undefined ||
      bundle.news.length >= MAX_CONTENTS ||
      bundle.bytes + length > this.#maxBytes
    ) {
      bundle = { to, tree, news: [], bytes: 0 }
      this.#all.push(bundle)
      this.#open.set(key, bundle)
    }
    bundle.news.push(news)
    bundle.bytes += length + CONTENT_OVERHEAD_BYTES
  }

  /** Returns a message for each bundle. */
  pushes(nowMs: number): Send[] {
    return this.#all.map(({ to, tree, news }) => {
      const message: Message = {
        kind: 'content-push',
        tree,
        check: digestCheck(news.map(({ tidings }) => tidings.key)),
        contents: news.map(({ update }) => update.content),
        ages: news.map(({ submittedAtMs }) => ageAt(nowMs, submittedAtMs))
      }
      return { kind: 'send', to, message, serves: news.map(({ update }) => update.digest) }
    })
  }
}
