/** What the commands make of the words they are given. */
import { InvalidArgumentError } from 'commander'

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) throw new InvalidArgumentError('Give a whole number.')
  return number
}
