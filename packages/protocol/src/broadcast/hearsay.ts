/** Who has which update, as far as one hears: so that nobody is told what they know. */
import type { Address } from '../peer.ts'
import { digestKey, type DigestKey } from '../update.ts'

/** Of how many updates something is remembered; what is forgotten is told once too often. */
const MAX_UPDATES = 4096

/** One update, and what is known of its way. */
export interface Tidings {
  readonly digestBytes: Uint8Array
  /** Who has it, or was told. */
  readonly known: Set<Address>
  /** The tree along which it came, or is to go. */
  tree?: number | undefined
  /** Who brought it. */
  from?: Address
  /** Whether it was handed on along its tree, so that whoever asks for it is a branch that is missing. */
  isHandedOn?: boolean
}

export class Hearsay {
  /** In the order in which they were first heard of. */
  readonly #tidings = new Map<DigestKey, Tidings>()

  /** What is known of an update; a new entry if that is nothing. Keeps `digestBytes`. */
  of(digestBytes: Uint8Array): Tidings {
    const key = digestKey(digestBytes, 0)
    let tidings = this.#tidings.get(key)
    if (tidings === undefined) {
      tidings = { digestBytes, known: new Set() }
      this.#tidings.set(key, tidings)
      if (this.#tidings.size > MAX_UPDATES) this.#tidings.delete(this.#tidings.keys().next().value!)
    }
    return tidings
  }

  /** What is known of an update, if anything is. */
  find(key: DigestKey): Tidings | undefined {
    return this.#tidings.get(key)
  }
}
