/** Parsers of command-line arguments. */

import { InvalidArgumentError } from 'commander'

/** Parses an integer of at least 0. */
export function integer(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Give an integer.')
  return number
}

/** Parses a share: above 0 and below 1. */
export function shareOfOne(text: string): number {
  const share = Number(text)
  if (text.trim() === '' || !(share > 0 && share < 1))
    throw new InvalidArgumentError('Give a share between 0 and 1.')
  return share
}
