import { expect, it } from 'vitest'
import { emptyFolder, Program } from './program.ts'

const ADDRESS = /^you are \w+ at (\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+)$/
const idOf = (address: string): string => address.split('/').at(-1)!

it('carries lines among friends, also to those who come later', async () => {
  const folder = emptyFolder()
  const ann = new Program(['chat-libp2p', 'ann'], folder)
  const address = await ann.prints(ADDRESS)
  const ben = new Program(['chat-libp2p', 'ben', address], folder)
  await Promise.all([ann.prints(/^\* connected$/), ben.prints(/^\* connected$/)])
  ann.type('hello')
  await ben.prints(/^<ann> hello$/)
  ben.type('hello')
  await ann.prints(/^<ben> hello$/)
  ben.type('hello')
  await expect.poll(() => ann.lines.filter((line) => line === '<ben> hello').length).toBe(2)

  const cay = new Program(['chat-libp2p', 'cay', address], folder)
  await cay.prints(/^<ann> hello$/)
  await cay.prints(/^<ben> hello$/)
  cay.type('one \u001B[2J line')
  await ann.prints(/^<cay> one \uFFFD\[2J line$/)
  const ends = await Promise.all([ann, ben, cay].map((program) => program.pressCtrlC()))
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0])
})

it('keeps an identity over a restart', async () => {
  const folder = emptyFolder()
  const before = new Program(['chat-libp2p', 'ann'], folder)
  const id = idOf(await before.prints(ADDRESS))
  expect((await before.pressCtrlC()).code).toBe(0)
  const [after, other] = ['ann', 'ben'].map((name) => new Program(['chat-libp2p', name], folder))
  expect(idOf(await after!.prints(ADDRESS))).toBe(id)
  expect(idOf(await other!.prints(ADDRESS))).not.toBe(id)
})

it('keeps strangers out', async () => {
  const [home, elsewhere] = [emptyFolder(), emptyFolder()]
  const ann = new Program(['chat-libp2p', 'ann'], home)
  const address = await ann.prints(ADDRESS)
  // Eve dials before Ben, and so would be in before him. What she is told may take libp2p up to ten seconds.
  const eve = new Program(['chat-libp2p', 'eve', address], elsewhere)
  await eve.prints(ADDRESS)
  eve.type('let me in')
  const ben = new Program(['chat-libp2p', 'ben', address], home)
  await ben.prints(/^\* connected$/)
  ben.type('are we alone?')
  await ann.prints(/^<ben> are we alone\?$/)
  expect(ann.lines.filter((line) => line.startsWith('<'))).toEqual(['<ben> are we alone?'])
  expect(eve.lines.filter((line) => /^[*<]/.test(line))).toEqual([])
})

it('says how it is used', async () => {
  const { code, lines } = await new Program(['chat-libp2p'], emptyFolder()).outcome()
  expect([code, ...lines]).toEqual([1, '! npm run example -- chat-libp2p NAME [ADDRESS ...]'])
})
