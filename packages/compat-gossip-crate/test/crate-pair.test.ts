import { connect } from 'node:net'
import {
  createGossip,
  staticPeers,
  type GossipEvent,
  type GossipService
} from '@rumormill/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { gossipCrate, type CrateOptions } from '../src/index.ts'
import { closed, codeOf, hello, listening, running, say, stopAll } from './harness.ts'

afterEach(stopAll)

describe('a group with the protocol of the crate', () => {
  it('delivers every update once, of one byte and of 64 KiB', async () => {
    const heard: string[][] = [[], [], []]
    const nodes: GossipService[] = []
    const events: GossipEvent[] = []
    for (const own of heard) {
      const gossip = createGossip({
        ...gossipCrate(),
        preset: 'reference',
        membership: { periodMs: 50 },
        antiEntropy: { periodMs: 20 },
        peerSource: staticPeers(nodes.map(({ address }) => address)),
        observe: (event) => void events.push(event),
        handler: { onUpdate: ({ content }) => void own.push(`${content.length}: ${content[0]}`) }
      })
      await gossip.start()
      running.push(gossip)
      nodes.push(gossip)
    }
    nodes.forEach((node, n) => {
      node.submit(Uint8Array.of(n))
      node.submit(new Uint8Array(65_536).fill(100 + n))
    })
    const all = [0, 1, 2].map((n) => [`1: ${n}`, `65536: ${100 + n}`])
    await expect
      .poll(() => heard.map((own) => own.toSorted()))
      .toEqual(
        [0, 1, 2].map((n) =>
          all
            .filter((_, each) => each !== n)
            .flat()
            .toSorted()
        )
      )
    expect(events.filter(({ kind }) => kind === 'malformed' || kind === 'failed')).toEqual([])
  })
})

describe('protected where the crate is not', () => {
  it('a sender on another host is not answered, unless trusted', async () => {
    const strict = await listening()
    await say(strict.port, hello('10.9.8.7:80'))
    await say(strict.port, hello('127.0.0.1:80'))
    await expect
      .poll(() => [strict.messages, strict.failures])
      .toEqual([['127.0.0.1:80'], ['INVALID_ADDRESS']])
    const lax = await listening({ trustSender: true })
    await say(lax.port, hello('10.9.8.7:80'))
    await expect.poll(() => lax.messages).toEqual(['10.9.8.7:80'])
  })

  it('a message in pieces is one message; an empty connection is none', async () => {
    const node = await listening()
    const bytes = hello('127.0.0.1:80')
    await say(node.port, bytes.slice(0, 5), bytes.slice(5))
    await say(node.port)
    await expect.poll(() => node.messages).toEqual(['127.0.0.1:80'])
    expect(node.failures).toEqual([])
  })

  it('an endless message is cut off at the limit', async () => {
    const node = await listening({ maxMessageBytes: 10_000 })
    await say(node.port, new Uint8Array(50_000))
    await expect.poll(() => node.failures).toEqual(['MESSAGE_TOO_LARGE'])
  })

  it('a silent client, and a slow one, are cut off in time', async () => {
    const node = await listening({ messageMs: 200 })
    const socket = connect(node.port, '127.0.0.1')
    socket.on('error', () => {})
    const trickle = setInterval(() => socket.write(Uint8Array.of(0x20)), 50)
    await closed(socket)
    clearInterval(trickle)
    expect(node.failures).toEqual(['TIMED_OUT'])
  })

  it('garbage is reported and does no harm', async () => {
    const node = await listening()
    await say(node.port, Uint8Array.of(0x20, 1, 2, 3))
    await say(node.port, hello('127.0.0.1:80'))
    await expect
      .poll(() => [node.failures, node.messages])
      .toEqual([['MALFORMED_MESSAGE'], ['127.0.0.1:80']])
  })
})

describe('the transport', () => {
  const never = new AbortController().signal

  it('reports what is wrong', async () => {
    const node = await listening({ maxMessageBytes: 1000 })
    const send = (to: string, bytes = 1, signal = never): Promise<unknown> =>
      codeOf(node.transport.send(to, new Uint8Array(bytes), { signal }))
    expect(await send('localhost:80')).toBe('INVALID_ADDRESS')
    expect(await send('127.0.0.1:70000')).toBe('INVALID_ADDRESS')
    expect(await send(node.address, 1001)).toBe('MESSAGE_TOO_LARGE')
    const gone = await listening()
    await gone.transport.stop()
    expect(await send(gone.address)).toBe('UNREACHABLE')
    expect(
      await codeOf(gone.transport.send(node.address, Uint8Array.of(1), { signal: never }))
    ).toBe('NOT_RUNNING')
    expect(
      await codeOf(
        gone.transport.start(
          { receive: () => {}, fail: () => {}, lost: () => {} },
          { protocol: '' }
        )
      )
    ).toBe('ALREADY_STARTED')
    expect(
      await codeOf(
        gossipCrate({ port: node.port }).transport.start(
          { receive: () => {}, fail: () => {}, lost: () => {} },
          { protocol: '' }
        )
      )
    ).toBe('ADDRESS_UNAVAILABLE')
  })

  it('rejects with the reason of a signal', async () => {
    const node = await listening()
    const reason = new Error('enough')
    await expect(
      node.transport.send(node.address, Uint8Array.of(1), { signal: AbortSignal.abort(reason) })
    ).rejects.toBe(reason)
  })

  it('lists all invalid options in one error', () => {
    expect(() =>
      gossipCrate({ port: 70_000, maxInbound: 0, wrong: 1 } as CrateOptions)
    ).toThrowError(/port.*|maxInbound.*|wrong/)
    expect(() => gossipCrate({ maxMessageBytes: 1000, maxUnfinishedBytes: 999 })).toThrowError(
      /maxUnfinishedBytes/
    )
    expect(() => gossipCrate({ host: 'localhost' })).toThrowError(
      expect.objectContaining({ code: 'INVALID_CONFIG' })
    )
  })
})
