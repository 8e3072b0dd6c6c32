/** Parsers of command-line arguments. An invalid one is reported with its option. */

import { InvalidArgumentError } from 'commander'

/** The host and port of `--listen`. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Parses `HOST:PORT`, with an IPv6 host in brackets. */
export function parseEndpoint(text: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host !== undefined && port <= 65_535) return { host, port }
  throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:9001.')
}

/** Returns a parser of integers from `lowest` to `highest`. */
export function integer(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= lowest && value <= highest) return value
    throw new InvalidArgumentError(`It must be an integer from ${lowest} to ${highest}.`)
  }
}

/** Parses a number of seconds; returns milliseconds. */
export function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= 86_400) return value * 1000
  throw new InvalidArgumentError('It must be a number of seconds, more than 0 and at most 86400.')
}

/** Collects the values of an option that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text]
}
