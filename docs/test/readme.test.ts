/** Runs what the README shows, as it stands there, against the built packages. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const [first, wiring, ...more] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code]) => code!
)

describe('the README', () => {
  const children: ChildProcess[] = []
  let folder: string | undefined

  afterEach(async () => {
    await Promise.all(
      children.splice(0).map(async (child) => {
        const gone =
          child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
        child.kill('SIGKILL')
        await gone
      })
    )
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  it('shows a program of which two copies greet each other', async () => {
    // Inside the checkout, because the program imports the packages by name.
    folder = mkdtempSync(join(root, 'node_modules', '.readme-'))
    const [port, otherPort] = await freePorts()
    const start = async (own: number, other: number): Promise<string> => {
      const file = join(folder!, `${own}.mjs`)
      writeFileSync(
        file,
        first!.replaceAll(/\b9000\b/g, String(own)).replaceAll(/\b9001\b/g, String(other))
      )
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      return line.toString()
    }
    const lines = await Promise.all([start(port, otherPort), start(otherPort, port)])
    expect(lines).toEqual([`hello from 127.0.0.1:${otherPort}\n`, `hello from 127.0.0.1:${port}\n`])
  })

  it('shows the wiring of the example as it is', () => {
    expect(readFileSync(join(root, 'apps/example/src/node.ts'), 'utf8')).toContain(wiring)
    expect(wiring!.trimEnd().split('\n').length).toBeLessThanOrEqual(11)
  })

  it('shows no other code', () => {
    expect(more).toEqual([])
  })

  it('links to files that exist, and names scripts that exist', () => {
    const prose = readme.replaceAll(/```[\s\S]*?```/g, '')
    const links = [...prose.matchAll(/\]\(([^)#]+)\)/g)]
      .map(([, path]) => path!)
      .filter((path) => !path.includes(':'))
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([])
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: object
    }
    const named = [...readme.matchAll(/^npm (?:run )?(\w+)/gm)].map(([, script]) => script!)
    expect(named.filter((script) => !(script in scripts))).toEqual([])
    expect(named.length).toBeGreaterThan(2)
  })
})

/** Ports that were free a moment ago: the README names its own, so that port 0 will not do. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()]
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    })
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [ports[0]!, ports[1]!]
}
