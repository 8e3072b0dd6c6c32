/** Every transport with every codec: the same suite, end to end, through the command line. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import { describe, expect, it } from 'vitest'
import { freeAddress, run, startChat } from './command.ts'

const combinations = ['tcp', 'libp2p'].flatMap((transport) =>
  ['binary', 'json'].map((codec) => ({ transport, codec }))
)

describe.each(combinations)(
  '$transport with $codec',
  { timeout: 40_000 },
  ({ transport, codec }) => {
    const plugs = ['--transport', transport, '--codec', codec]

    it('loses nothing, and delivers nothing twice', async () => {
      const { code, stdout, stderr } = await run(
        'demo',
        '--nodes',
        '4',
        '--updates',
        '12',
        '--rate',
        '200',
        ...plugs
      )
      expect(stderr).toEqual([])
      expect(stdout.at(-1)).toMatch(/^delivered 36\/36, lost 0, duplicates 0, /)
      expect(code).toBe(0)
    })

    it('carries a chat and a file, and survives the crash of one', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'rumormill-'))
      // A libp2p address holds the id: with a key file it is the same after a restart.
      const keep = transport === 'libp2p' ? ['--key-file', join(folder, 'key')] : []
      const a = await startChat(...plugs)
      const at = await freeAddress()
      const b = await startChat(...plugs, ...keep, '--listen', at, '--peer', a.address)
      a.chat.type('one\n')
      await b.chat.prints(`<${a.address}> one`)
      b.chat.signal('SIGKILL')
      await b.chat.outcome()
      a.chat.type('two\n')
      const again = await startChat(...plugs, ...keep, '--listen', at, '--peer', a.address)
      expect(again.address).toBe(b.address)
      await again.chat.prints(`<${a.address}> one`)
      await again.chat.prints(`<${a.address}> two`)
      const file = join(folder, 'file')
      writeFileSync(file, 'some bytes')
      const { code, stdout } = await run('publish', '--peer', a.address, ...plugs, file)
      expect([code, stdout]).toEqual([0, [digestOf(new TextEncoder().encode('some bytes'))]])
    })
  }
)
