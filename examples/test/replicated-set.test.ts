import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { expect, it, onTestFinished } from 'vitest'
import { Program } from './program.ts'

const LISTENS = /^listening on 127\.0\.0\.1:(\d+)$/

async function start(...peers: readonly string[]): Promise<{ list: Program; port: string }> {
  const list = new Program(['replicated-set', '0', ...peers])
  return { list, port: await list.prints(LISTENS) }
}

it('brings every change to every node, and all of them to a late joiner', async () => {
  const a = await start()
  const b = await start(a.port)
  a.list.type('+milk')
  await b.list.prints(/^\[ 'milk' \]$/)
  b.list.type('+ rye bread ')
  await a.list.prints(/^\[ 'milk', 'rye bread' \]$/)
  b.list.type('-milk')
  await a.list.prints(/^\[ 'rye bread' \]$/)

  // Who wrote most of it is gone when the next one joins.
  expect((await b.list.pressCtrlC()).code).toBe(0)
  const late = await start(a.port)
  await late.list.prints(/^\[ 'rye bread' \]$/)
  late.list.type('-rye bread')
  await a.list.prints(/^\[\]$/)
  late.list.type('+milk')
  await expect.poll(() => a.list.lines.filter((line) => line === "[ 'milk' ]").length).toBe(2)

  for (const { list } of [a, late]) {
    const { code, lines } = await list.pressCtrlC()
    expect(code).toBe(0)
    // That others have left, and nothing else.
    expect(lines.filter((line) => /^!(?! (UNREACHABLE|CONNECTION_LOST): )/.test(line))).toEqual([])
  }
})

it('lets the same one win on all nodes when two change at once', async () => {
  const a = await start()
  const b = await start(a.port)
  a.list.type('+warm')
  await b.list.prints(/^\[ 'warm' \]$/)
  for (let round = 0; round < 5; round++) {
    a.list.type(round % 2 === 0 ? '+tea' : '-tea')
    b.list.type(round % 2 === 0 ? '-tea' : '+tea')
  }
  a.list.type('+end of a')
  b.list.type('+end of b')
  const ends = (program: Program): string => program.lines.at(-1) ?? ''
  const both = (line: string): boolean => line.includes("'end of a', 'end of b'")
  await expect
    .poll(() => [a, b].every(({ list }) => both(ends(list))) && ends(a.list) === ends(b.list))
    .toBe(true)
})

it('is not misled by what comes late, nor by nonsense', async () => {
  const { list, port } = await start()
  const [transport, peers] = [tcpTransport(), staticPeers([`127.0.0.1:${port}`])]
  const node = createGossip({
    transport,
    codec: binaryCodec(),
    peerSource: peers,
    handler: { onUpdate: () => {} }
  })
  onTestFinished(() => node.stop())
  await node.start()
  const say = (words: unknown): unknown =>
    node.submit(new TextEncoder().encode(JSON.stringify(words)))
  say({ element: 'milk', present: true, at: 1, by: 'a' })
  await list.prints(/^\[ 'milk' \]$/)
  say({ element: 'milk', present: false, at: 5, by: 'a' })
  await list.prints(/^\[\]$/)
  say({ element: 'milk', present: true, at: 3, by: 'b' })
  say({ element: 1, present: true, at: 6, by: 'b' })
  await list.prints(/^! HANDLER_FAILED.*not a change of this list$/)
  say({ element: '\u001B[2J', present: true, at: 7, by: 'b' })
  await list.prints(/^\[ '\\x1B\[2J' \]$/)
})

it('says what is wrong in one line', async () => {
  const { list, port } = await start()
  list.type('milk')
  expect(await list.prints(/^! .*/)).toBe('! type +milk or -milk')
  const second = new Program(['replicated-set', port])
  const { code, lines } = await second.outcome()
  expect([code, lines.length]).toEqual([1, 1])
  expect(lines[0]).toContain(`! ADDRESS_UNAVAILABLE: cannot listen on 127.0.0.1:${port}`)
})
