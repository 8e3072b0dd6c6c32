/** The faults of a fault plan, their validation, and the counters. */

import { GossipError } from '@rumormill/protocol/plugin'

/** The faults. Shares are from 0 to 1 of the sent messages. Default: none. */
export interface FaultConfig {
  /** The share of messages that are lost though `send` resolves. */
  readonly lossRate: number
  /** The share of messages that are sent twice. */
  readonly duplicateRate: number
  /** The share of messages that are corrupted: bits flipped, parts cut off, repeated or inserted. */
  readonly corruptRate: number
  /** The delay of messages in milliseconds, or the least and the most, so that messages overtake one another. */
  readonly delayMs: number | readonly [least: number, most: number]
  /** The share of messages that are delayed by up to `reorderMs` more, so that later ones overtake them. */
  readonly reorderRate: number
  /** The longest delay by reordering, in milliseconds. Default 1000. */
  readonly reorderMs: number
  /** Whether a cut drops messages silently. By default sends fail (UNREACHABLE), as over TCP. */
  readonly blackHole: boolean
  /** The rate of the rare faults that the seed enables: see {@link FaultPlan.buggify}. 0.01 is usually enough. */
  readonly buggifyRate: number
}

/** The counters of a plan, over all its transports. */
export interface FaultCounts {
  /** Messages that running nodes sent. */
  readonly messages: number
  readonly lost: number
  readonly duplicated: number
  readonly corrupted: number
  /** Messages that were delayed, for any reason. */
  readonly delayed: number
  readonly reordered: number
  /** Messages that a partition or a cut has stopped, at the sender or the receiver. */
  readonly cut: number
  /** Messages that were refused because too many were delayed. */
  readonly overloaded: number
  /** How often each rare fault occurred. */
  readonly buggified: Readonly<Record<string, number>>
}

/** No faults. */
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

/** Throws one INVALID_CONFIG that lists every reason. */
export function checkFaults(changes: Partial<FaultConfig>): void {
  const reasons = Object.entries(changes).flatMap(
    ([name, value]) => reasonAgainst(name, value) ?? []
  )
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
}

function reasonAgainst(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(CALM, name))
    return `${name} is not a fault (the faults are ${Object.keys(CALM).join(', ')})`
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
