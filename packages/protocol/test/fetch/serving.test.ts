import { expect, it } from 'vitest'
import type { MessageOf } from '../../src/model/message.ts'
import { Pair } from '../anti-entropy/pair.ts'
import { digests, node, sends } from '../engine/updates/node.ts'

const text = (length: number): string => 'x'.repeat(length)

it('small contents are sent before large ones of the same request, and not with them', () => {
  const a = node()
  const all = [text(100_000), 'small', text(70_000), 'other']
  for (const each of all) a.submit(0, new TextEncoder().encode(each))
  const answer = (...requested: string[]): number[] => {
    const request = { kind: 'content-request', digests: digests(...requested) } as const
    const [sent] = sends(a.receive(0, 'b', request))
    return (sent!.message as MessageOf<'content-response'>).contents.map(({ length }) => length)
  }
  expect(answer(...all)).toEqual([5, 5])
  expect(answer(all[0]!, all[2]!)).toEqual([100_000, 70_000])
})

it('an answer has at most as many contents as a peer may request at once', () => {
  const a = node({ maxRequestsPerPeer: 2 })
  const texts = ['one', 'two', 'three']
  for (const each of texts) a.submit(0, new TextEncoder().encode(each))
  const request = { kind: 'content-request', digests: digests(...texts) } as const
  const [sent] = sends(a.receive(0, 'b', request))
  expect((sent!.message as MessageOf<'content-response'>).contents).toHaveLength(2)
})

it('several answers bring all requested contents', () => {
  const pair = new Pair()
  pair.submit('a', text(100_000), 'small', text(70_000), text(500_000), 'other')
  const answers = pair.round('b').filter(({ kind }) => kind === 'content-response')
  expect(pair.delivered.b.map(({ length }) => length)).toEqual([5, 5, 100_000, 70_000, 500_000])
  expect(answers).toHaveLength(3)
})
