/** One check a line, ok, FAILED or skipped, and the totals. */

const counts = { passed: 0, failed: 0, skipped: 0 }

/** Runs `work`, and prints and counts how it went. Returns whether it passed. */
export async function check(name, work) {
  try {
    await work()
    counts.passed++
    console.log(`ok      ${name}`)
    return true
  } catch (error) {
    counts.failed++
    console.log(`FAILED  ${name}\n${error.stdout ?? ''}${error.stderr ?? error.stack}`)
    return false
  }
}

/** Prints and counts what was not tried, and why. */
export function skip(name, why) {
  counts.skipped++
  console.log(`skipped ${name}: ${why}`)
}

/** Prints the totals. Returns whether nothing failed. */
export function total() {
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return counts.failed === 0
}
