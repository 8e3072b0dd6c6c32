/** Start and stop over real loopback sockets: nothing is lost, and nothing stays open. */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { tcpTransport } from '../../src/index.ts'
import {
  bytesOf,
  codeOf,
  hello,
  LABEL,
  startNode,
  strangeListener,
  until,
  type Stranger
} from '../harness.ts'

describe('life', () => {
  test('send works only between start and stop', async () => {
    const transport = tcpTransport()
    const send = (): Promise<void> =>
      transport.send('127.0.0.1:1', bytesOf(1), { signal: new AbortController().signal })
    const receiver = { receive: () => {}, fail: () => {}, lost: () => {} }
    expect(await codeOf(send())).toBe('NOT_RUNNING')
    await transport.start(receiver, { protocol: LABEL })
    expect(await codeOf(transport.start(receiver, { protocol: LABEL }))).toBe('ALREADY_STARTED')
    await Promise.all([transport.stop(), transport.stop()])
    await transport.stop()
    expect(await codeOf(send())).toBe('NOT_RUNNING')
    expect(await codeOf(transport.start(receiver, { protocol: LABEL }))).toBe('ALREADY_STARTED')
  })

  test('stop rejects what is pending, closes both sides and frees the port', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    const silent = await strangeListener(() => {})
    const dialling = a.send(silent, bytesOf(1))
    const queued = a.send(b.address, bytesOf(2))
    const stopping = a.transport.stop()
    expect([await codeOf(dialling), await codeOf(queued)]).toEqual(['NOT_RUNNING', 'NOT_RUNNING'])
    await stopping
    await until(() => expect(b.transport.stats().inboundConnections).toBe(0))
    const again = await startNode({ port: Number(a.address.split(':')[1]) })
    expect(again.address).toBe(a.address)
    expect(a.failures).toEqual([])
  })

  test('messages taken before stop arrive, even at a peer that reads late and was sending', async () => {
    const a = await startNode()
    const strangers: Stranger[] = []
    const address = await strangeListener((peer) => {
      strangers.push(peer)
      peer.say(hello(address))
    })
    await a.send(address, bytesOf(1))
    await until(() => expect(strangers[0]?.frames.length).toBe(2))
    const late = strangers[0]!
    late.socket.pause()
    // As much as may be under way to a peer of which nothing is known.
    await a.send(address, new Uint8Array(8000))
    late.say(bytesOf(2))
    const stopped = a.transport.stop()
    late.socket.resume()
    await stopped
    await until(() => expect(late.frames.map(({ length }) => length).slice(1)).toEqual([1, 8000]))
    expect(a.received).toEqual([])
  })

  test('stop does not wait for a peer that no longer reads', async () => {
    const a = await startNode()
    const frozen: Stranger[] = []
    const address = await strangeListener((peer) => {
      frozen.push(peer)
      peer.say(hello(address))
      peer.socket.pause()
    })
    await a.send(address, bytesOf(1))
    await a.transport.stop()
    expect(a.transport.stats()).toMatchObject({ outboundConnections: 0, queuedBytes: 0 })
    expect(frozen[0]!.socket.destroyed).toBe(false)
  })

  test('a port in use, and a host of another machine, are unavailable; nothing stays open', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await codeOf(startNode({ port }))).toBe('ADDRESS_UNAVAILABLE')
    expect(await codeOf(startNode({ host: '192.0.2.1' }))).toBe('ADDRESS_UNAVAILABLE')
    expect(await codeOf(startNode({ host: 'no-such-host.invalid' }))).toBe('ADDRESS_UNAVAILABLE')
    server.close()
    await once(server, 'close')
    await startNode({ port })
  })

  test.each([0, 1, 2, 3])(
    'stop during start: start rejects, nothing stays open (after %i turns)',
    async (turns) => {
      for (const host of ['127.0.0.1', 'localhost']) {
        const transport = tcpTransport({ host })
        const starting = codeOf(
          transport.start(
            { receive: () => {}, fail: () => {}, lost: () => {} },
            { protocol: LABEL }
          )
        )
        for (let turn = 0; turn < turns; turn++)
          await new Promise((resolve) => {
            setImmediate(resolve)
          })
        await transport.stop()
        expect(['NOT_RUNNING', 'no error']).toContain(await starting)
        if (turns === 0) expect(await starting).toBe('NOT_RUNNING')
      }
    }
  )

  test('a label that is too long for a hello is refused', async () => {
    expect(await codeOf(startNode({}, 'l'.repeat(600)))).toBe('INVALID_CONFIG')
  })

  test('no timer keeps the process alive', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('nothing keeps the process alive once stopped', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    await Promise.all([a.transport.stop(), b.transport.stop()])
    const left = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
    await until(() => expect(left()).toBe(before))
  })
})
