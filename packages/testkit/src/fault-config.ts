/** How much goes wrong by a fault plan: what there is, what is checked, and what is counted. */

import { GossipError } from '@rumormill/protocol'

/** How much goes wrong. Shares are from 0 to 1 and of the messages that are sent; nothing goes wrong by default. */
export interface FaultConfig {
  /** The share of messages that vanish, though `send` resolves. */
  readonly lossRate: number
  /** The share of messages that are sent twice. */
  readonly duplicateRate: number
  /** The share of messages that are damaged: bits flipped, parts cut off, repeated or put in. */
  readonly corruptRate: number
  /** Milliseconds by which messages are held back, or the least and the most: then they overtake one another. */
  readonly delayMs: number | readonly [least: number, most: number]
  /** The share of messages that are held back by up to `reorderMs` more, so that later ones overtake them. */
  readonly reorderRate: number
  /** Default 1000. */
  readonly reorderMs: number
  /** Whether a cut swallows messages in silence. By default senders notice (UNREACHABLE), as over TCP. */
  readonly blackHole: boolean
  /** How often a rare fault strikes, where the seed has switched it on: see {@link FaultPlan.buggify}. 0.01 is plenty. */
  readonly buggifyRate: number
}

/** What a plan has done so far, over all its transports. */
export interface FaultCounts {
  /** Messages that nodes wanted to send while they ran. */
  readonly messages: number
  readonly lost: number
  readonly duplicated: number
  readonly corrupted: number
  /** Messages that were held back, for whichever reason. */
  readonly delayed: number
  readonly reordered: number
  /** Messages that a partition or a cut has stopped, at either end. */
  readonly cut: number
  /** Messages given up because as many were held back as may be. */
  readonly overloaded: number
  /** How often each rare fault has struck. */
  readonly buggified: Readonly<Record<string, number>>
}

/** Nothing goes wrong. */
export const CALM: FaultConfig = {
  lossRate: 0,
  duplicateRate: 0,
  corruptRate: 0,
  delayMs: 0,
  reorderRate: 0,
  reorderMs: 1000,
  blackHole: false,
  buggifyRate: 0
}

/** Throws INVALID_CONFIG with every reason. */
export function checkFaults(changes: Partial<FaultConfig>): void {
  const reasons = Object.entries(changes).flatMap(
    ([name, value]) => reasonAgainst(name, value) ?? []
  )
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
}

function reasonAgainst(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(CALM, name))
    return `${name} is not a fault (there are ${Object.keys(CALM).join(', ')})`
  if (name === 'blackHole')
    return typeof value === 'boolean' ? undefined : 'blackHole must be true or false'
  if (name.endsWith('Rate'))
    return isNumber(value) && value <= 1 ? undefined : `${name} must be a number from 0 to 1`
  if (isNumber(value) || (name === 'delayMs' && isSpan(value))) return undefined
  return `${name} must be milliseconds${name === 'delayMs' ? ', or the least and the most' : ''}`
}

function isSpan(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [least, most] = value as readonly unknown[]
  return isNumber(least) && isNumber(most) && least <= most
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}
