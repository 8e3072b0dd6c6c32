/** Installs what is missing and builds what is stale. */

import { install, inTurn, must } from './ready.mjs'
import { tool } from './tool.mjs'

/** Makes ready the named packages and what they depend on, or all of them. Throws when a step fails. */
export function prepare(packages) {
  return inTurn(async () => {
    await install()
    const filters = packages.map((name) => `--filter=${name}...`)
    const quiet = ['--output-logs=errors-only', '--log-prefix=none']
    await must('Building', tool('turbo', 'run', 'build', ...quiet, ...filters))
  })
}
