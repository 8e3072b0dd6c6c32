import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { describe as describeError } from '../../src/complaints.ts'
import { runPublish, type PublishOptions } from '../../src/publish/publish.ts'
import { Command, freeAddress, run, startChat } from '../command.ts'
import { Partner } from '../partner.ts'

describe('rumormill publish', () => {
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
    const [a, b] = [await Partner.start({ codec: 'json' }), await Partner.start({ codec: 'json' })]
    const peers = ['--peer', a.address, '--peer', b.address]
    const publish = new Command('publish', '--codec', 'json', '--min-peers', '2', ...peers, '-')
    publish.endInput('from a pipe')
    expect((await publish.result()).code).toBe(0)
    const line = `* update ${digestOf(Buffer.from('from a pipe'))}, 11 bytes, not a line`
    await Promise.all([a.hears(line), b.hears(line)])
  })

  it('says with one error why nobody fetched it', async () => {
    const file = write('small', 'small')
    const { address } = await Partner.start()
    const attempt = (peer: string, changes: Partial<PublishOptions> = {}): Promise<string> =>
      errorOf(file, { peer: [peer], timeout: 5000, ...changes })
    const [nobody, codec, network, nonsense] = await Promise.all([
      attempt(await freeAddress()),
      attempt(address, { codec: 'json' }),
      attempt(address, { network: 'other' }),
      attempt('nonsense')
    ])
    expect(nobody).toMatch(/--timeout.*UNREACHABLE.*--peer/)
    expect(codec).toMatch(/PROTOCOL_MISMATCH.*--codec/)
    expect(network).toMatch(/PROTOCOL_MISMATCH.*--network/)
    expect(nonsense).toMatch(/INVALID_ADDRESS.*--peer/)
  })

  it('wants a peer, and exits with 1 when it fails', async () => {
    const { code, stdout, stderr } = await run('publish', write('any', 'any'))
    expect(stderr[0]).toMatch(/--peer/)
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] })
  })

  it.each([
    ['an empty file', () => write('empty', ''), /empty is empty/],
    ['no such file', () => join(folder, 'nothing'), /cannot read .*nothing/],
    ['a folder', () => folder, /cannot read/],
    ['more than fits', () => write('big', new Uint8Array(900_000)), /UPDATE_TOO_LARGE/],
    ['far more', () => write('huge', new Uint8Array(5_000_000)), /huge is too large/]
  ])('refuses %s at once', async (_what, file, words) => {
    expect(await errorOf(file(), { timeout: 100 })).toMatch(words)
  })

  it('refuses a bad name at once', async () => {
    expect(await errorOf(write('any', 'any'), { network: 'a b' })).toMatch(
      /INVALID_CONFIG.*network/
    )
  })
})

/** What the command would print, of a publish within the test that fails. */
async function errorOf(file: string, changes: Partial<PublishOptions> = {}): Promise<string> {
  const options: PublishOptions = {
    listen: { host: '127.0.0.1', port: 0 },
    peer: ['127.0.0.1:1'],
    transport: 'tcp',
    codec: 'binary',
    network: 'default',
    minPeers: 1,
    timeout: 60_000,
    ...changes
  }
  return runPublish(file, options, new AbortController().signal).then(
    (code) => `no error, but ${code}`,
    (error: unknown) => describeError(error)
  )
}
