/**
 * The faults of a network: one name with one meaning and one unit in the memory network, the fault plan and the proxy, and in
 * `@rumormill/simulator`, which declares the same names. A fault that has no meaning somewhere does not exist there.
 */

import type { Address, Rng } from '@rumormill/protocol/plugin'

/** How late a message arrives, in milliseconds. */
export type DelayMs =
  /** The same for every message. */
  | number
  /** Uniformly distributed between the two, so that messages overtake one another. */
  | { readonly least: number; readonly most: number }
  /** `least` plus an exponentially distributed rest: mostly fast, sometimes very slow. */
  | { readonly least: number; readonly mean: number }

/** The faults of messages. Shares are from 0 to 1 of all messages. Default: none. */
export interface Faults {
  /** The share of messages that are lost though `send` resolves. */
  readonly loss: number
  /** The delay of messages. Default 0. */
  readonly delayMs: DelayMs
  /** The share of messages that arrive twice. */
  readonly duplicate: number
  /** The share of messages that are delayed by up to `reorderMs` more, so that later ones overtake them. */
  readonly reorder: number
  /** The longest delay by reordering, in milliseconds. Default 1000. */
  readonly reorderMs: number
  /** The share of messages that are damaged: bits flipped, parts cut off, repeated or inserted. */
  readonly corrupt: number
}

/** The faults of the links between nodes. */
export interface LinkFaults {
  /**
   * Splits the network: nodes without a common group do not reach each other, a node in no group reaches none. Adds to earlier
   * partitions and cuts.
   */
  partition(groups: readonly (readonly Address[])[]): void
  /** Drops all messages from a node of `from` to a node of `to`, also those under way; the other direction stays open. */
  cut(from: readonly Address[], to: readonly Address[]): void
  /** Ends all partitions and cuts. */
  heal(): void
}

/** Returns the delay of the next message. Draws from `rng` only if the delay is not constant. */
export function nextDelayMs(delayMs: DelayMs, rng: Rng): number {
  if (typeof delayMs === 'number') return delayMs
  const { least } = delayMs
  if ('most' in delayMs) return least + rng.fraction() * (delayMs.most - least)
  return least - Math.log(1 - rng.fraction()) * (delayMs.mean - least)
}
