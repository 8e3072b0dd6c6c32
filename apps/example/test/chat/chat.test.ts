import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { levelStorage } from '@rumormill/storage-level'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Command, freeAddress, startChat } from '../command.ts'
import { Partner } from '../partner.ts'
import { until } from '../until.ts'

describe('rumormill chat', () => {
  it('spreads lines among five, started in any order, each line once and none to its author', async () => {
    const middle = await freeAddress()
    const [early, other] = await Promise.all([
      startChat('--peer', middle),
      startChat('--peer', middle)
    ])
    const { chat } = await startChat('--listen', middle)
    const chats = [early, other, { chat, address: middle }]
    const latecomers = await Promise.all([
      Partner.start({ peers: [early.address] }),
      Partner.start({ peers: [other.address] })
    ])
    const said = (address: string): string[] => [`I am ${address}`, 'and again', 'and again']
    for (const each of chats) each.chat.type(`${said(each.address).join('\n')}\n`)
    for (const each of latecomers) for (const text of said(each.address)) each.says(text)
    const heard = (own: string): string[] =>
      [...chats, ...latecomers]
        .filter(({ address }) => address !== own)
        .flatMap(({ address }) => said(address).map((text) => `<${address}> ${text}`))
        .sort()
    for (const each of chats) {
      await each.chat.until('hears all others', ({ stdout }) => stdout.length >= 13)
      expect(each.chat.stdout.slice(1).sort()).toEqual(heard(each.address))
    }
    for (const each of latecomers) {
      await until('hears all others', () => each.heard.length >= 12)
      expect([...each.heard].sort()).toEqual(heard(each.address))
    }
    for (const each of chats) await leaves(each.chat)
  })

  it('serves what it counts with --metrics, and ends all the same', async () => {
    const a = await startChat('--metrics', '0')
    const b = await Partner.start({ peers: [a.address] })
    b.says('one')
    await a.chat.prints(`<${b.address}> one`)
    await a.chat.until('says where', ({ stderr }) => stderr.length > 0)
    const [, url] = /^metrics at (\S+)$/.exec(a.chat.stderr[0]!)!
    const shown = await (await fetch(url!)).text()
    expect(shown).toMatch(/^rumormill_delivered_updates_total 1$/m)
    expect(shown).toMatch(/^rumormill_sent_messages_by_kind_total\{kind="view-response"\} [1-9]/m)
    expect((await fetch(new URL('/', url))).status).toBe(404)
    await leaves(a.chat)
  })

  it('goes on when one is killed and comes back, with what was said before', async () => {
    const a = await Partner.start({ codec: 'json' })
    const b = await startChat('--codec', 'json', '--peer', a.address)
    a.says('one')
    await b.chat.prints(`<${a.address}> one`)
    b.chat.signal('SIGKILL')
    await b.chat.result()
    a.says('two')
    const again = await startChat('--codec', 'json', '--listen', b.address, '--peer', a.address)
    await again.chat.prints(`<${a.address}> one`)
    await again.chat.prints(`<${a.address}> two`)
    again.chat.type('one\n')
    await a.hears(`<${b.address}> one`)
  })

  it('remembers with --state: a restart repeats nothing, misses nothing, and finds its peers by itself', async () => {
    const state = newFolder()
    const a = await Partner.start()
    const b = await startChat('--peer', a.address, '--state', state)
    a.says('one')
    await b.chat.prints(`<${a.address}> one`)
    b.chat.type('mine\n')
    await a.hears(`<${b.address}> mine`)
    await leaves(b.chat)
    a.says('two')
    // It needs no --peer any more; the first line that it prints is the one it has missed.
    const again = await startChat('--listen', b.address, '--state', state)
    await again.chat.prints(`<${a.address}> two`)
    await leaves(again.chat)
    // Alone with what it knows, it hands on what both have said.
    await a.stop()
    const alone = await startChat('--listen', b.address, '--state', state)
    const c = await Partner.start({ peers: [b.address] })
    await c.hears(`<${a.address}> one`, `<${a.address}> two`, `<${b.address}> mine`)
    expect(c.heard).toHaveLength(3)
    expect([again.chat.stdout, alone.chat.stdout]).toEqual([
      [`listening on ${b.address}`, `<${a.address}> two`],
      [`listening on ${b.address}`]
    ])
    expect([b, again].flatMap(({ chat }) => chat.stderr)).toEqual([])
  })

  it('says which option to change when another chat has its state', async () => {
    const state = newFolder()
    const other = levelStorage({ location: state })
    onTestFinished(() => other.close())
    await other.load()
    const { code, stderr } = await new Command('chat', '--state', state).result()
    expect(stderr).toEqual([expect.stringMatching(/STORAGE_FAILED.*has it open.*--state/)])
    expect(code).toBe(1)
  })

  it.each([
    ['codec', ['--codec', 'json'], 'another codec'],
    ['network', ['--network', 'other'], 'another network name']
  ])('says once, on both sides, that the %s differs', async (_what, differing, words) => {
    const a = await startChat()
    const b = await startChat('--peer', a.address, ...differing)
    const c = await Partner.start({ peers: [a.address] })
    b.chat.type('can you hear me?\n')
    for (const { chat } of [a, b]) await chat.until('complains', ({ stderr }) => stderr.length > 0)
    // By the time these have come and gone, several rounds have failed.
    for (const number of [1, 2, 3, 4, 5]) {
      c.says(`${number}`)
      await a.chat.prints(`<${c.address}> ${number}`)
    }
    for (const { chat } of [a, b]) {
      expect(chat.stderr).toEqual([
        expect.stringMatching(`PROTOCOL_MISMATCH: .*${words}.*--network and --codec`)
      ])
    }
    expect(a.chat.stdout).toHaveLength(6)
    expect(b.chat.stdout).toHaveLength(1)
  })

  it('leaves by itself, once its lines have spread, when that is asked for', async () => {
    const a = await Partner.start()
    const b = await startChat('--peer', a.address, '--exit-on-end')
    b.chat.endInput('last words\n')
    expect((await b.chat.result()).code).toBe(0)
    await a.hears(`<${b.address}> last words`)
  })

  it('loses nothing that was piped in before it could be sent', async () => {
    const a = await Partner.start()
    const b = new Command('chat', '--peer', a.address, '--exit-on-end')
    b.endInput('first words\nlast words\n')
    expect((await b.result()).code).toBe(0)
    await until('has both', () => a.heard.length >= 2)
    expect(a.heard.map((line) => line.replace(/^<.*> /, '')).sort()).toEqual([
      'first words',
      'last words'
    ])
  })

  it('stays when the input ends, until Ctrl-C', async () => {
    const a = await startChat()
    a.chat.endInput()
    const b = await Partner.start({ peers: [a.address] })
    b.says('still there?')
    await a.chat.prints(`<${b.address}> still there?`)
    await leaves(a.chat)
  })

  it('says which option to change when it cannot listen', async () => {
    const { address } = await Partner.start()
    const { code, stderr } = await new Command('chat', '--listen', address).result()
    expect(stderr).toEqual([expect.stringMatching(/ADDRESS_UNAVAILABLE.*--listen/)])
    expect(code).toBe(1)
  })
})

async function leaves(chat: Command): Promise<void> {
  chat.pressCtrlC()
  expect((await chat.result()).code).toBe(0)
}

/** The name of a folder that is not there yet, and goes away with the test. */
function newFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'chat-state-')), 'b')
  onTestFinished(() => rmSync(dirname(folder), { recursive: true, force: true }))
  return folder
}
