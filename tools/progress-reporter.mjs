/** A reporter for vitest that says how far the tests are: `progress DONE TOTAL FAILED`, in files and tests. */
export default class ProgressReporter {
  #total = 0
  #done = 0
  #failed = 0

  onTestRunStart(specifications) {
    this.#total = specifications.length
  }

  onTestModuleEnd(module) {
    this.#done++
    for (const test of module.children.allTests('failed')) if (test.ok() === false) this.#failed++
    console.log(`progress ${this.#done} ${this.#total} ${this.#failed}`)
  }
}
