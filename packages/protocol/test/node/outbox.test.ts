import { describe, expect, test } from 'vitest'
import { Outbox } from '../../src/node/outbox.ts'
import type { Codec, Message, MessageOf, Transport } from '../../src/plugin.ts'

const limits = { maxMessagesPerPeer: 10, maxBytesPerPeer: 1000 }
const content = Uint8Array.of(1, 2, 3)
const push: MessageOf<'eager-push'> = {
  kind: 'eager-push',
  tree: 7,
  check: 1,
  contents: [content],
  ages: [3]
}

describe('Outbox', () => {
  test('takes no more bytes for one peer than the limit, and goes on for others', async () => {
    const { send, failed, box } = outbox(() => new Promise(() => {}), {
      maxMessagesPerPeer: 10,
      maxBytesPerPeer: 14
    })
    void send('a', push)
    void send('a', push)
    expect([failed, box.messages, box.bytes]).toEqual([[], 2, 10])
    void send('a', push)
    void send('b', push)
    await Promise.resolve()
    expect([failed, box.messages, box.bytes]).toEqual([['OVERLOADED'], 3, 15])
  })

  test('contents that go to several peers are encoded once', async () => {
    const { send, encoded, taken } = outbox()
    await Promise.all([
      send('a', push),
      send('b', { ...push }),
      send('c', { ...push, contents: [content] })
    ])
    expect(encoded).toEqual([push])
    expect(taken.map(({ to }) => to)).toEqual(['a', 'b', 'c'])
    expect(new Set(taken.map(({ bytes }) => bytes)).size).toBe(1)
  })

  test.each<[string, Message]>([
    ['another tree', { ...push, tree: 8 }],
    ['equal contents that are not the same', { ...push, contents: [content.slice()] }],
    ['more contents', { ...push, contents: [content, content], ages: [3, 3] }],
    ['another age', { ...push, ages: [4] }],
    ['an answer', { kind: 'content-response', contents: [content], ages: [3] }],
    ['something else altogether', { kind: 'prune', tree: 7 }]
  ])('%s is encoded anew', async (_what, other) => {
    const { send, encoded } = outbox()
    await send('a', push)
    await send('b', other)
    expect(encoded).toEqual([push, other])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new RangeError('careless')
      }
    ],
    ['rejects', () => Promise.reject(new RangeError('careless'))]
  ])('a transport that %s fails that message, after send has returned', async (_what, behave) => {
    const { send, failed } = outbox(behave)
    const settled = send('a', push)
    expect(failed).toEqual([])
    await settled
    expect(failed).toEqual(['TRANSPORT_FAILED'])
  })

  test('a transport that returns no promise has taken the message', async () => {
    const { send, failed, box } = outbox(() => undefined)
    await send('a', push)
    expect([failed, box.messages, box.bytes]).toEqual([[], 0, 0])
  })
})

/** Returns an outbox over a transport with the given behavior. `send` resolves with the result of the message. */
function outbox(
  behave: () => unknown = () => Promise.resolve(),
  config = limits
): {
  box: Outbox
  send: (to: string, message: Message) => Promise<void>
  encoded: Message[]
  taken: { to: string; bytes: Uint8Array }[]
  failed: string[]
} {
  const encoded: Message[] = []
  const taken: { to: string; bytes: Uint8Array }[] = []
  const failed: string[] = []
  const settle: (() => void)[] = []
  const codec = {
    name: 'stub',
    encode: (message: Message) => (encoded.push(message), new Uint8Array(5))
  } as unknown as Codec
  const transport = {
    send: (to: string, bytes: Uint8Array) => {
      taken.push({ to, bytes })
      return behave()
    }
  } as unknown as Transport
  const box = new Outbox(transport, codec, config, {
    sent: () => settle.shift()!(),
    sendFailed: (_send, { code }) => {
      failed.push(code)
      settle.shift()!()
    }
  })
  const send = (to: string, message: Message): Promise<void> =>
    new Promise((resolve) => {
      settle.push(resolve)
      box.send({ kind: 'send', to, message })
    })
  return { box, send, encoded, taken, failed }
}
