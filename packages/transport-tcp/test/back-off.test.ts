/** The back-off of addresses that failed, over real sockets. */

import { describe, expect, test } from 'vitest'
import {
  bytesOf,
  codeOf,
  hello,
  startNode,
  strangeListener,
  until,
  type Stranger
} from './harness.ts'

describe('back-off', () => {
  test('an address that failed is in back-off, and the error says so', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 60_000, longestBackOffMs: 60_000 } })
    let knocks = 0
    const address = await strangeListener((stranger) => {
      knocks++
      stranger.socket.destroy()
    })
    expect(await codeOf(a.send(address, bytesOf(1)))).toBe('UNREACHABLE')
    for (let n = 0; n < 20; n++)
      expect(await codeOf(a.send(address, bytesOf(1)))).toBe('UNREACHABLE')
    expect([knocks, a.transport.stats().refused['backing-off']]).toEqual([1, 20])
  })

  test('an answer resets the back-off: the next pause is the first one again', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 200, longestBackOffMs: 60_000 } })
    let broken = true
    let open: Stranger | undefined
    const address = await strangeListener((stranger) => {
      open = stranger
      if (broken) stranger.socket.destroy()
      else stranger.say(hello(address))
    })
    const pauseMs = async (): Promise<number> => {
      const error = await a.send(address, bytesOf(1)).then(
        () => undefined,
        (caught: Error) => caught
      )
      return Number(/another (\d+) ms/.exec(error?.message ?? '')?.[1] ?? 0)
    }
    await pauseMs()
    expect(await pauseMs()).toBeGreaterThan(50)
    broken = false
    await until(() => a.send(address, bytesOf(1)))
    open!.say(bytesOf(2))
    await until(() => expect(a.received.length).toBe(1))
    broken = true
    open!.socket.destroy()
    await until(() => expect(a.transport.stats().outboundConnections).toBe(0))
    await pauseMs()
    expect(await pauseMs()).toBeLessThanOrEqual(200)
    expect(a.transport.stats().dialled).toBe(3)
  })

  test('an address that sends a hello and closes is in back-off, too, longer each time', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 60_000, longestBackOffMs: 60_000 } })
    let knocks = 0
    const address = await strangeListener((stranger) => {
      knocks++
      stranger.isSilent = true
      stranger.say(hello(address))
      setTimeout(() => stranger.socket.destroy(), 5)
    })
    // Whether the network takes it before the other side closes is chance.
    expect(['no error', 'CONNECTION_LOST']).toContain(await codeOf(a.send(address, bytesOf(1))))
    await until(() => expect(a.lost.length).toBe(1))
    for (let n = 0; n < 20; n++)
      expect(await codeOf(a.send(address, bytesOf(1)))).toBe('UNREACHABLE')
    expect([knocks, a.transport.stats().refused['backing-off']]).toEqual([1, 20])
  })

  test('a peer that dials this node is no longer in back-off', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 60_000, longestBackOffMs: 60_000 } })
    const gone = await startNode()
    await gone.transport.stop()
    expect(await codeOf(a.send(gone.address, bytesOf(1)))).toBe('UNREACHABLE')
    const back = await startNode({ port: Number(gone.address.split(':')[1]) })
    await back.send(a.address, bytesOf(1))
    await until(() => expect(a.received.length).toBe(1))
    await back.transport.stop()
    await until(() => expect(a.transport.stats().inboundConnections).toBe(0))
    expect(await codeOf(a.send(gone.address, bytesOf(1)))).toBe('UNREACHABLE')
    expect(a.transport.stats().refused['backing-off']).toBe(0)
  })
})
