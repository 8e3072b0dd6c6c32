/** Promises that a plugin cannot keep, each named with its reason. */

import type { ConformanceCase } from './conformance.ts'

/**
 * `cases`, with those named in `exceptions` turned round: they pass as long as the promise is not kept, and their names
 * say why. So an exception is never longer than it is true, and no case is skipped. Throws for names of no case.
 */
export function withExceptions(
  cases: readonly ConformanceCase[],
  exceptions: Readonly<Record<string, string>>
): readonly ConformanceCase[] {
  const unknown = Object.keys(exceptions).filter(
    (name) => !cases.some((each) => each.name === name)
  )
  if (unknown.length > 0) throw new Error(`no case is named ${unknown.join(', ')}`)
  return cases.map((each) => {
    const reason = exceptions[each.name]
    if (reason === undefined) return each
    return { name: `exception: ${each.name} (${reason})`, run: () => expectBroken(each) }
  })
}

async function expectBroken({ name, run }: ConformanceCase): Promise<void> {
  try {
    await run()
  } catch {
    return
  }
  throw new Error(`"${name}" is kept: it needs no exception any more`)
}
