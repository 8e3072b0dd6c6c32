/** What a conformance suite is: a list of cases that any test runner can loop over. */

/** One promise of a port, and the experiment that would break it. */
export interface ConformanceCase {
  /** The promise, as a sentence fit for a test report. */
  readonly name: string
  /** Throws, or rejects with, an Error that says what was expected and what came instead. */
  readonly run: () => void | Promise<void>
}
