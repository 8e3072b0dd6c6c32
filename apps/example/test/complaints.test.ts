import { GossipError, type GossipErrorCode, type GossipEvent } from '@rumormill/protocol'
import { describe, expect, it } from 'vitest'
import { complaints, describe as describeError } from '../src/complaints.ts'

const failed = (code: GossipErrorCode, peer?: string, cause?: Error): GossipEvent => {
  const error = new GossipError(code, 'oh', { cause })
  return peer === undefined ? { kind: 'failed', error } : { kind: 'failed', error, peer }
}

function listen(...named: string[]): { hear: (event: GossipEvent) => void; told: string[] } {
  const told: string[] = []
  return { hear: complaints(named, (complaint) => told.push(complaint)), told }
}

describe('complaints', () => {
  it('come once per peer and code', () => {
    const { hear, told } = listen('a')
    for (let round = 0; round < 3; round++) {
      for (const peer of ['a', 'b', undefined]) hear(failed('PROTOCOL_MISMATCH', peer))
      hear(failed('UNREACHABLE', 'a'))
    }
    expect(told.map((line) => line.replace(/ \(.*/, ''))).toEqual([
      'a: PROTOCOL_MISMATCH: oh',
      'b: PROTOCOL_MISMATCH: oh',
      'PROTOCOL_MISMATCH: oh',
      'a: UNREACHABLE: oh'
    ])
  })

  it('may come anew once the peer was heard', () => {
    const { hear, told } = listen('a')
    hear(failed('UNREACHABLE', 'a'))
    hear({ kind: 'received', from: 'a', message: 'view-request', bytes: 1 })
    hear(failed('UNREACHABLE', 'a'))
    expect(told).toHaveLength(2)
  })

  it('do not tell that peers of others come and go', () => {
    const { hear, told } = listen('a')
    hear(failed('UNREACHABLE', 'b'))
    expect(told).toEqual([])
  })

  it('name the cause of a pause, not the pause', () => {
    const { hear, told } = listen('a')
    hear(failed('PROTOCOL_MISMATCH', 'a'))
    hear(failed('UNREACHABLE', 'a', new GossipError('PROTOCOL_MISMATCH', 'oh')))
    expect(told).toHaveLength(1)
  })

  it('name the option to change', () => {
    expect(describeError(new GossipError('PROTOCOL_MISMATCH', 'oh'))).toContain('--codec')
    expect(describeError(new GossipError('ADDRESS_UNAVAILABLE', 'oh'))).toContain('--listen')
  })

  it('cannot steer a terminal', () => {
    expect(describeError(new Error('a\u001B[2Jb'))).toBe('a\uFFFD[2Jb')
  })
})
