import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Command, freeAddress, startChat } from '../command.ts'

describe('rumormill chat', { timeout: 40_000 }, () => {
  it('spreads lines among five, started in any order, each line once and none to its author', async () => {
    const middle = await freeAddress()
    const early = await Promise.all([startChat('--peer', middle), startChat('--peer', middle)])
    const { chat } = await startChat('--listen', middle)
    const late = await Promise.all([
      startChat('--peer', early[0].address),
      startChat('--peer', early[1].address)
    ])
    const all = [...early, { chat, address: middle }, ...late]
    for (const each of all) each.chat.type(`I am ${each.address}\nand again\nand again\n`)
    const heard = (own: string): string[] =>
      all
        .filter(({ address }) => address !== own)
        .flatMap(({ address }) => {
          return [
            `<${address}> I am ${address}`,
            `<${address}> and again`,
            `<${address}> and again`
          ]
        })
    for (const each of all) {
      await each.chat.until('hears all others', ({ stdout }) => stdout.length >= 13)
      expect(each.chat.stdout.slice(1).sort()).toEqual(heard(each.address).sort())
    }
    for (const each of all) await leaves(each.chat)
  })

  it('serves what it counts with --metrics, and ends all the same', async () => {
    const a = await startChat('--metrics', '0')
    const b = await startChat('--peer', a.address)
    b.chat.type('one\n')
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
    const a = await startChat('--codec', 'json')
    const b = await startChat('--codec', 'json', '--peer', a.address)
    a.chat.type('one\n')
    await b.chat.prints(`<${a.address}> one`)
    b.chat.signal('SIGKILL')
    await b.chat.outcome()
    a.chat.type('two\n')
    const again = await startChat('--codec', 'json', '--listen', b.address, '--peer', a.address)
    await again.chat.prints(`<${a.address}> one`)
    await again.chat.prints(`<${a.address}> two`)
    again.chat.type('one\n')
    await a.chat.prints(`<${b.address}> one`)
    await leaves(a.chat)
  })

  it('remembers with --state: a restart repeats nothing, misses nothing, and finds its peers by itself', async () => {
    const state = join(mkdtempSync(join(tmpdir(), 'chat-state-')), 'b')
    onTestFinished(() => rmSync(dirname(state), { recursive: true, force: true }))
    const a = await startChat()
    const b = await startChat('--peer', a.address, '--state', state)
    a.chat.type('one\n')
    await b.chat.prints(`<${a.address}> one`)
    b.chat.type('mine\n')
    await a.chat.prints(`<${b.address}> mine`)
    await leaves(b.chat)
    a.chat.type('two\n')
    // It needs no --peer any more; the first line that it prints is the one it has missed.
    const again = await startChat('--listen', b.address, '--state', state)
    await again.chat.prints(`<${a.address}> two`)
    await leaves(again.chat)
    // Alone with what it knows, it hands on what both have said.
    await leaves(a.chat)
    const alone = await startChat('--listen', b.address, '--state', state)
    const c = await startChat('--peer', b.address)
    await c.chat.until('has all lines', ({ stdout }) => stdout.length === 4)
    expect(c.chat.stdout.slice(1).sort()).toEqual(
      [`<${a.address}> one`, `<${a.address}> two`, `<${b.address}> mine`].sort()
    )
    expect([again.chat.stdout, alone.chat.stdout]).toEqual([
      [`listening on ${b.address}`, `<${a.address}> two`],
      [`listening on ${b.address}`]
    ])
    expect([b, again].flatMap(({ chat }) => chat.stderr)).toEqual([])
  })

  it('says which option to change when another chat has its state', async () => {
    const state = join(mkdtempSync(join(tmpdir(), 'chat-state-')), 'b')
    onTestFinished(() => rmSync(dirname(state), { recursive: true, force: true }))
    await startChat('--state', state)
    const { code, stderr } = await new Command('chat', '--state', state).outcome()
    expect(stderr).toEqual([expect.stringMatching(/ARCHIVE_FAILED.*has it open.*--state/)])
    expect(code).toBe(1)
  })

  it.each([
    ['codec', ['--codec', 'json'], 'another codec'],
    ['network', ['--network', 'other'], 'another network name']
  ])('says once, on both sides, that the %s differs', async (_what, differing, words) => {
    const a = await startChat()
    const b = await startChat('--peer', a.address, ...differing)
    const c = await startChat('--peer', a.address)
    b.chat.type('can you hear me?\n')
    for (const { chat } of [a, b]) await chat.until('complains', ({ stderr }) => stderr.length > 0)
    // By the time these have come and gone, several rounds have failed.
    for (const number of [1, 2, 3, 4, 5]) {
      c.chat.type(`${number}\n`)
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
    const a = await startChat()
    const b = await startChat('--peer', a.address, '--exit-on-end')
    b.chat.endInput('last words\n')
    expect((await b.chat.outcome()).code).toBe(0)
    await a.chat.prints(`<${b.address}> last words`)
  })

  it('loses nothing that was piped in before it could be sent', async () => {
    const a = await startChat()
    const b = new Command('chat', '--peer', a.address, '--exit-on-end')
    b.endInput('first words\nlast words\n')
    expect((await b.outcome()).code).toBe(0)
    await a.chat.until('has both', ({ stdout }) => stdout.length >= 3)
    expect(
      a.chat.stdout
        .slice(1)
        .map((line) => line.replace(/^<.*> /, ''))
        .sort()
    ).toEqual(['first words', 'last words'])
  })

  it('stays when the input ends, until Ctrl-C', async () => {
    const a = await startChat()
    a.chat.endInput()
    const b = await startChat('--peer', a.address)
    b.chat.type('still there?\n')
    await a.chat.prints(`<${b.address}> still there?`)
    await leaves(a.chat)
  })

  it('says which option to change when it cannot listen', async () => {
    const a = await startChat()
    const { code, stderr } = await new Command('chat', '--listen', a.address).outcome()
    expect(stderr).toEqual([expect.stringMatching(/ADDRESS_UNAVAILABLE.*--listen/)])
    expect(code).toBe(1)
  })
})

async function leaves(chat: Command): Promise<void> {
  chat.pressCtrlC()
  expect((await chat.outcome()).code).toBe(0)
}
