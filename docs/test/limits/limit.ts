/** One limit of docs/limits.md, and one that no test reaches yet. */

export interface Limit {
  /** The option, with its group; or what is limited, in words. */
  readonly option: string
  readonly value: number
  /** What happens then. */
  readonly reached: string
  /** Where it is counted: names of `stats()`, or of the transport's; empty when nowhere. */
  readonly counter: string
  /** The test that reaches it: its file, and its full title, those of the blocks around it included. */
  readonly file: string
  readonly title: string
  /** A word by which the test shows that it is about this limit. Default: the option without its group. */
  readonly seenBy?: string
}

export interface OpenLimit {
  /** An option, a constant, or what is limited. */
  readonly name: string
  readonly value: number | undefined
  /** The source in which the limit is kept. */
  readonly file: string
  /** What no test does. */
  readonly missing: string
}

/** The options of a table that have a row neither there nor among the open limits. */
export function unlisted(
  options: readonly string[],
  rows: readonly Limit[],
  open: readonly OpenLimit[]
): string[] {
  const listed = new Set([...rows.map(({ option }) => option), ...open.map(({ name }) => name)])
  return options.filter((option) => !listed.has(option))
}

/** The value of `const NAME = ...` in a source: for limits that are no option, and that no face exports. */
export function constantOf(source: string, name: string): number {
  const [, digits] = new RegExp(`^const ${name} = ([\\d_]+)$`, 'm').exec(source) ?? []
  if (digits === undefined) throw new Error(`there is no constant ${name} with a number`)
  return Number(digits.replaceAll('_', ''))
}
