/** Checks from the reads whether each value was kept: the set-full checker of Jepsen. */

export interface Add {
  readonly value: number
  readonly invokedMs: number
  /** When the node acknowledged the value; `undefined` when it did not. */
  readonly ackedMs: number | undefined
}

export interface Read {
  readonly invokedMs: number
  readonly completedMs: number
  readonly values: readonly number[]
}

export interface Findings {
  /** Known values that are missing from the last reads. */
  readonly lost: readonly number[]
  /** Values that no read has shown, and that may not have been accepted. */
  readonly neverRead: readonly number[]
  /** Values that one read has shown twice. */
  readonly duplicated: readonly number[]
  readonly stable: number
  /** The number of known values that a later read missed. */
  readonly stale: number
  /** Milliseconds from when a stable value was known to the last read that missed it, in order. */
  readonly stableLatenciesMs: readonly number[]
}

/** Checks a history. A value is known once its add was acknowledged, or a read has shown it. */
export function check(adds: readonly Add[], reads: readonly Read[]): Findings {
  const shown = reads.map(({ values }) => new Set(values))
  const lost: number[] = []
  const neverRead: number[] = []
  const stableLatenciesMs: number[] = []
  for (const { value, ackedMs = Infinity } of adds) {
    let [firstShownMs, lastShowingMs, lastMissingMs] = [Infinity, -Infinity, -Infinity]
    reads.forEach(({ invokedMs, completedMs }, index) => {
      if (!shown[index]!.has(value)) lastMissingMs = Math.max(lastMissingMs, invokedMs)
      else {
        firstShownMs = Math.min(firstShownMs, completedMs)
        lastShowingMs = Math.max(lastShowingMs, invokedMs)
      }
    })
    const knownMs = Math.min(ackedMs, firstShownMs)
    if (knownMs < Infinity && lastMissingMs > Math.max(lastShowingMs, knownMs)) lost.push(value)
    else if (lastShowingMs > lastMissingMs)
      stableLatenciesMs.push(Math.max(0, lastMissingMs - knownMs))
    else neverRead.push(value)
  }
  const duplicated = reads.flatMap(({ values }, index) =>
    values.length > shown[index]!.size
      ? values.filter((value, at) => values.indexOf(value) < at)
      : []
  )
  stableLatenciesMs.sort((a, b) => a - b)
  return {
    lost,
    neverRead,
    duplicated: [...new Set(duplicated)],
    stable: stableLatenciesMs.length,
    stale: stableLatenciesMs.filter((ms) => ms > 0).length,
    stableLatenciesMs
  }
}
