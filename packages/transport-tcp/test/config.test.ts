import { describe, expect, test } from 'vitest'
import { checkOptions } from '../src/config.ts'
import { tcpTransport, type TcpTransportOptions } from '../src/index.ts'

function reasons(options: TcpTransportOptions): string {
  try {
    tcpTransport(options)
    return ''
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' })
    return (error as Error).message
  }
}

describe('options', () => {
  test('the defaults listen on loopback, on any port', () => {
    expect(checkOptions({})).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      maxMessageBytes: 2 ** 20,
      trustAdvertisedHosts: false
    })
  })

  test('one error lists all reasons', () => {
    const message = reasons({
      host: 'a b',
      port: 70_000,
      maxMessageBytes: 5,
      limits: { lookups: 0 },
      deadlines: { idleMs: 1.5 },
      advertise: 'x'
    })
    for (const name of [
      'host',
      'port',
      'maxMessageBytes',
      'limits.lookups',
      'deadlines.idleMs',
      'advertise'
    ]) {
      expect(message).toContain(name)
    }
  })

  test('a misspelt option is refused', () => {
    expect(reasons({ limits: { inboundConnection: 3 } } as TcpTransportOptions)).toContain(
      'limits.inboundConnection is not an option'
    )
    expect(reasons({ hots: 'x' } as TcpTransportOptions)).toContain('hots is not an option')
  })

  test.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0'])('listening on %s requires advertise', (host) => {
    expect(reasons({ host })).toContain('advertise')
    expect(reasons({ host, advertise: { port: 4 } })).toContain('advertise')
    expect(reasons({ host, advertise: { host: '0.0.0.0' } })).toContain('advertise')
    expect(reasons({ host, advertise: '10.0.0.1:9000' })).toBe('')
    expect(reasons({ host, advertise: { host: 'Node.Example' } })).toBe('')
  })

  test('advertise may have host and port, or only one of them', () => {
    expect(checkOptions({ advertise: 'Node.Example:9' }).advertise).toEqual({
      host: 'node.example',
      port: 9
    })
    expect(checkOptions({ advertise: { host: '2001:DB8::1' } }).advertise).toEqual({
      host: '2001:db8::1'
    })
    expect(checkOptions({ advertise: { port: 9 } }).advertise).toEqual({ port: 9 })
    expect(reasons({ advertise: { port: 0 } })).toContain('advertise')
    expect(reasons({ advertise: { host: '1.2.3' } })).toContain('advertise')
  })

  test('queues and parts must hold at least one message', () => {
    const message = reasons({ maxMessageBytes: 8 * 2 ** 20 })
    expect(message).toContain('limits.queuedBytesPerConnection')
    expect(message).toContain('limits.partialBytes')
  })
})
