import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { Command, freeAddress, run, startChat } from '../command.ts'

describe('rumormill publish', { timeout: 40_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rumormill-publish-'))
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  afterAll(() => rmSync(folder, { recursive: true }))

  it('spreads the bytes of a file, prints their digest and leaves', async () => {
    const a = await startChat()
    const content = Uint8Array.from({ length: 100_000 }, (_, index) => index)
    const { code, stdout, stderr } = await run(
      'publish',
      '--peer',
      a.address,
      write('large', content)
    )
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: [digestOf(content)], stderr: [] })
    await a.chat.prints(`* update ${digestOf(content)}, 100000 bytes, not a line`)
  })

  it('takes the standard input, and waits for as many peers as it is told', async () => {
    const a = await startChat('--codec', 'json')
    const b = await startChat('--codec', 'json')
    const peers = ['--peer', a.address, '--peer', b.address]
    const publish = new Command('publish', '--codec', 'json', '--min-peers', '2', ...peers, '-')
    publish.endInput('from a pipe')
    expect((await publish.outcome()).code).toBe(0)
    const line = `* update ${digestOf(Buffer.from('from a pipe'))}, 11 bytes, not a line`
    await a.chat.prints(line)
    await b.chat.prints(line)
  })

  it('says with one error why nobody fetched it', async () => {
    const file = write('small', 'small')
    const { address } = await startChat()
    const attempt = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('publish', '--timeout', '1', ...args, file)
      expect({ code, stdout, lines: stderr.length }).toEqual({ code: 1, stdout: [], lines: 1 })
      return stderr[0]!
    }
    const [nobody, codec, network, nonsense] = await Promise.all([
      attempt('--peer', await freeAddress()),
      attempt('--peer', address, '--codec', 'json'),
      attempt('--peer', address, '--network', 'other'),
      attempt('--peer', 'nonsense')
    ])
    expect(nobody).toMatch(/--timeout.*UNREACHABLE.*--peer/)
    expect(codec).toMatch(/PROTOCOL_MISMATCH.*--codec/)
    expect(network).toMatch(/PROTOCOL_MISMATCH.*--network/)
    expect(nonsense).toMatch(/INVALID_ADDRESS.*--peer/)
  })

  it.each([
    ['no peer', () => [write('any', 'any')], /--peer/],
    ['an empty file', () => ['--peer', '127.0.0.1:1', write('empty', '')], /empty is empty/],
    [
      'no such file',
      () => ['--peer', '127.0.0.1:1', join(folder, 'nothing')],
      /cannot read .*nothing/
    ],
    ['a folder', () => ['--peer', '127.0.0.1:1', folder], /cannot read/],
    [
      'more than fits',
      () => ['--peer', '127.0.0.1:1', write('big', new Uint8Array(900_000))],
      /UPDATE_TOO_LARGE/
    ],
    [
      'far more',
      () => ['--peer', '127.0.0.1:1', write('huge', new Uint8Array(5_000_000))],
      /huge is too large/
    ],
    [
      'a bad name',
      () => ['--peer', '127.0.0.1:1', '--network', 'a b', write('any', 'any')],
      /INVALID_CONFIG.*network/
    ]
  ])('refuses %s at once', async (_what, args, words) => {
    const { code, stdout, stderr } = await run('publish', ...args())
    expect(stderr[0]).toMatch(words)
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] })
  })
})
