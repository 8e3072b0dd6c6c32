import { createHash } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { transportConformance } from '@rumormill/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { udpTransport } from '../src/udp-transport.ts'
import { Program } from './program.ts'

// At once: what takes time in them is waiting for peers that are not there.
describe.concurrent('the transport over UDP', async () => {
  const gone = udpTransport()
  const unreachable = await gone.start(
    { receive: () => {}, fail: () => {}, lost: () => {} },
    { protocol: 'none' }
  )
  await gone.stop()
  const create = ({ address }: { address?: string } = {}) =>
    // A peer that is busy with all of them is late, but there.
    udpTransport({ port: Number(address?.split(':')[1] ?? 0), retryMs: 1500 })
  for (const { name, run } of transportConformance(create, {
    unreachable,
    reusesAddresses: true,
    authenticated: true,
    timeoutMs: 60_000
  }))
    it(name, () => run())
})

it('takes nothing from who has not shown that it gets what is sent to its address', async () => {
  const heard: string[] = []
  const node = udpTransport()
  onTestFinished(() => node.stop())
  const address = await node.start(
    {
      receive: (_from, bytes) => heard.push(String.fromCharCode(...bytes)),
      fail: () => {},
      lost: () => {}
    },
    { protocol: 'test' }
  )
  const [correct, forger] = [await socket(), await socket()]
  const ask = async (from: Socket, token: Buffer, text: string): Promise<Buffer> => {
    from.send(datagram(token, text), Number(address.split(':')[1]), '127.0.0.1')
    const [answer] = (await once(from, 'message')) as [Buffer]
    return answer
  }
  const first = await ask(correct, Buffer.alloc(16), 'a')
  const token = first.subarray(25, 41)
  expect([first[0], heard]).toEqual([3, []])
  expect((await ask(forger, token, 'b'))[0]).toBe(3)
  expect((await ask(correct, token, 'c'))[0]).toBe(2)
  expect(heard).toEqual(['c'])
})

it('sends again what is not answered, and hears no nonsense', async () => {
  const node = udpTransport()
  onTestFinished(() => node.stop())
  const failures: Error[] = []
  const address = await node.start(
    {
      receive: () => failures.push(new Error('heard')),
      fail: (error) => failures.push(error),
      lost: () => {}
    },
    { protocol: 'test' }
  )
  const deaf = await socket()
  let posts = 0
  deaf.on('message', (message) => {
    for (let length = 0; length < 60; length++)
      deaf.send(Buffer.alloc(length, length), Number(address.split(':')[1]), '127.0.0.1')
    // The first three are lost on the way.
    if (++posts === 4)
      deaf.send(
        Buffer.concat([Buffer.of(2), message.subarray(1, 41)]),
        Number(address.split(':')[1]),
        '127.0.0.1'
      )
  })
  await node.send(`127.0.0.1:${deaf.address().port}`, Buffer.from('hello'), {
    signal: new AbortController().signal
  })
  expect([posts, failures]).toEqual([4, []])
})

it('carries the greetings of a group', async () => {
  const program = new Program(['udp-transport'])
  for (const [name, others] of [
    ['Ada', ['Ben', 'Cleo']],
    ['Ben', ['Ada', 'Cleo']],
    ['Cleo', ['Ada', 'Ben']]
  ] as const) {
    for (const other of others)
      await program.prints(
        new RegExp(`^${name} hears: hello from ${other} at 127\\.0\\.0\\.1:\\d+$`)
      )
  }
  const { code, lines } = await program.pressCtrlC()
  expect([code, lines.length]).toEqual([0, 6])
})

async function socket(): Promise<Socket> {
  const made = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void made.close())
  await once(made, 'listening')
  return made
}

/** A message as it travels: of the group `test`, with an id of zeros. */
function datagram(token: Buffer, text: string): Buffer {
  const group = createHash('sha256').update('test').digest().subarray(0, 16)
  return Buffer.concat([Buffer.of(1), Buffer.alloc(8), group, token, Buffer.from(text)])
}
