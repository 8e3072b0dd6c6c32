/** The interface of conformance suites: a list of cases for any test runner. */

/** One requirement of a port, and its test. */
export interface ConformanceCase {
  /** The requirement, as the title of a test. */
  readonly name: string
  /** Throws, or rejects with, an Error that names the expected and the actual result. */
  readonly run: () => void | Promise<void>
}
