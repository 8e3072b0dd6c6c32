/**
 * Runs an example: `npm run example -- NAME [ARGUMENT ...]`. The examples do not need it: each is a program of its own.
 *
 * They are built like the rest, because Node 20 runs no TypeScript; then `node examples/dist/NAME.js` does the same.
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [name = '', ...rest] = process.argv.slice(2)
const files = readdirSync(import.meta.dirname).filter(
  (file) => file.endsWith('.js') && file !== 'main.js'
)
const names = files.map((file) => file.slice(0, -'.js'.length))
if (names.includes(name)) {
  const program = join(import.meta.dirname, `${name}.js`)
  process.argv = [process.execPath, program, ...rest]
  await import(pathToFileURL(program).href)
} else {
  const usage = `npm run example -- NAME [ARGUMENT ...], where NAME is one of: ${names.join(', ')}`
  const isHelp = name === '--help' || name === '-h'
  if (isHelp) console.log(usage)
  else console.error(usage)
  process.exitCode = isHelp ? 0 : 2
}
