/** Every benchmark, one after the other, each in a process of its own; arguments go to all: `--json`, `--rounds N`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const quiet = process.argv.includes('--json')

for (const name of ['codec', 'transport-tcp', 'transport-libp2p', 'group', 'gossipsub', 'simulator', 'archive']) {
  if (!quiet) console.log(`\n# ${name}`)
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
  const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exit(code ?? 1)
}
