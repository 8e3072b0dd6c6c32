/** Exceptions for cases that a plugin cannot pass, each with a reason. */

import type { ConformanceCase } from './case.ts'

/**
 * Returns `cases` with those named in `exceptions` inverted: they pass as long as the case fails, and their names include the
 * reason. So no case is skipped, and an outdated exception is noticed. Throws for unknown names.
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
  throw new Error(`"${name}" passes: it no longer needs an exception`)
}
