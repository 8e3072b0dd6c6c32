/** Who has which update, as far as one hears: so that nobody is told what they know. */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'

/** Of how many updates something is remembered at most, half as many at least; what is forgotten is told once too often. */
const MAX_UPDATES = 4096

/**
 * Of how many peers it is remembered that they have an update; those beyond are told once too often. More than the neighbours
 * of any sensible degree, so that only strangers come near it.
 */
const MAX_KNOWN = 64

/** One update, and what is known of its way. */
export interface Tidings {
  readonly key: DigestKey
  /** Who has it, or was told. */
  readonly known: Set<Address>
  /** The tree along which it came, or is to go. */
  tree: number | undefined
  /** Who brought it. */
  from: Address | undefined
  /** Whether it was handed on along its tree, so that whoever asks for it is a branch that is missing. */
  isHandedOn: boolean
}

/** `peer` has the update, as it says itself. */
export function learn({ known }: Tidings, peer: Address): void {
  if (known.size < MAX_KNOWN) known.add(peer)
}

/** Two generations: when the younger is full, the elder is forgotten as a whole, which costs nothing per update. */
export class Hearsay {
  #younger = new Map<DigestKey, Tidings>()
  #elder = new Map<DigestKey, Tidings>()

  /** What is known of an update; a new entry if that is nothing. */
  of(key: DigestKey): Tidings {
    const found = this.find(key)
    if (found !== undefined) return found
    const tidings: Tidings = {
      key,
      known: new Set(),
      tree: undefined,
      from: undefined,
      isHandedOn: false
    }
    if (this.#younger.size >= MAX_UPDATES / 2) {
      this.#elder = this.#younger
      this.#younger = new Map()
    }
    this.#younger.set(key, tidings)
    return tidings
  }

  /** What is known of an update, if anything is. */
  find(key: DigestKey): Tidings | undefined {
    return this.#younger.get(key) ?? this.#elder.get(key)
  }
}
