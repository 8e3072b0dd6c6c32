/** The validation of faults, of messages as well as of byte streams. */

import { GossipError } from '@rumormill/protocol/plugin'

/** A limit of 0 would never let anything pass. */
const AT_LEAST_ONE: readonly string[] = ['bytesPerSecond', 'sliceBytes']

/** Throws one INVALID_CONFIG that lists every reason against `changes`. `none` has the names of all faults and their defaults. */
export function checkFaults<T extends object>(none: T, changes: Partial<T>): void {
  const reasons = Object.entries(changes).flatMap(([name, value]) => {
    if (!Object.hasOwn(none, name))
      return `${name} is not a fault (the faults are ${Object.keys(none).join(', ')})`
    const demand = demandOf(name, none[name as keyof T], value)
    return demand === undefined ? [] : `${name} must be ${demand}`
  })
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
}

/** Returns what `value` must be, if it is not. The name and the default say which kind of fault it is. */
function demandOf(name: string, none: unknown, value: unknown): string | undefined {
  if (typeof none === 'boolean') return typeof value === 'boolean' ? undefined : 'true or false'
  if (name === 'delayMs')
    return isDelay(value) ? undefined : 'milliseconds, { least, most } or { least, mean }'
  if (name.endsWith('Ms')) return isMilliseconds(value) ? undefined : 'milliseconds'
  const [least, most] = none === Infinity ? [AT_LEAST_ONE.includes(name) ? 1 : 0, Infinity] : [0, 1]
  const fits = typeof value === 'number' && value >= least && value <= most
  return fits ? undefined : `a number from ${least} to ${most}`
}

function isDelay(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isMilliseconds(value)
  const { least, ...others } = value as Readonly<Record<string, unknown>>
  const [[name, more] = [], ...rest] = Object.entries(others)
  const isKnown = (name === 'most' || name === 'mean') && rest.length === 0
  return isKnown && isMilliseconds(least) && isMilliseconds(more) && least <= more
}

function isMilliseconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Infinity
}
