import { staticPeers, type Address, type PeerSource } from '@rumormill/protocol'
import { describe, expect, test } from 'vitest'
import { manualClock, peerSourceConformance, type ConformanceCase } from '../../src/index.ts'

const addresses: readonly Address[] = ['127.0.0.1:9000', 'node-2.example:9000']

/** The suite over a source that takes 10 ms and heeds its signal, with one thing broken. */
function slowSource(
  fault: (sound: PeerSource) => PeerSource = (sound) => sound
): readonly ConformanceCase[] {
  const clock = manualClock()
  let changes = 0
  const create = (): PeerSource =>
    fault({
      peers: ({ signal }) =>
        new Promise((resolve, reject) => {
          signal.throwIfAborted()
          signal.addEventListener('abort', () => reject(signal.reason as Error))
          clock.wakeAt(clock.now() + 10, () => resolve([...addresses, `new:${changes}`]))
        })
    })
  return peerSourceConformance(create, {
    wait: (ms) => clock.advance(ms),
    expected: addresses,
    change: () => void changes++
  })
}

const never = new AbortController().signal
interface Fault {
  readonly fault: string
  readonly caughtBy: string
  readonly break: (sound: PeerSource) => PeerSource
}

const faults: readonly Fault[] = [
  {
    fault: 'a text instead of a list',
    caughtBy: 'names addresses',
    break: () => ({ peers: () => Promise.resolve(addresses.join(',') as never) })
  },
  {
    fault: 'an entry that is no address',
    caughtBy: 'names addresses',
    break: () => ({ peers: () => Promise.resolve([...addresses, undefined as never]) })
  },
  {
    fault: 'one address too few',
    caughtBy: 'names addresses',
    break: () => staticPeers(addresses.slice(1))
  },
  {
    fault: 'an error that is thrown',
    caughtBy: 'names addresses',
    break: () => ({
      peers: () => {
        throw new TypeError('no')
      }
    })
  },
  {
    fault: 'an error',
    caughtBy: 'names addresses',
    break: () => ({ peers: () => Promise.reject(new TypeError('no')) })
  },
  {
    fault: 'an iterator that is used up',
    caughtBy: 'answers repeatedly',
    break: () => {
      const rest = addresses.values()
      return { peers: () => Promise.resolve([...rest]) }
    }
  },
  {
    fault: 'one caller at a time',
    caughtBy: 'answers several calls at once',
    break: (sound) => {
      let busy = false
      return {
        peers: async (options) => {
          if (busy) throw new Error('busy')
          busy = true
          return sound.peers(options).finally(() => {
            busy = false
          })
        }
      }
    }
  },
  {
    fault: 'one list for all answers, written anew',
    caughtBy: 'never changes an answer that it gave',
    break: (sound) => {
      const shared: Address[] = []
      return {
        peers: async (options) => {
          shared.splice(0, Infinity, ...(await sound.peers(options)))
          return shared
        }
      }
    }
  },
  {
    fault: 'an error of its own for an aborted signal',
    caughtBy: 'settles a call whose signal had aborted',
    break: (sound) => ({
      peers: async ({ signal }) => {
        if (signal.aborted) throw new Error('cancelled')
        return sound.peers({ signal })
      }
    })
  },
  {
    fault: 'no end once its signal aborts',
    caughtBy: 'settles a call whose signal aborts',
    break: (sound) => ({
      peers: async ({ signal }) => {
        const answer = await sound.peers({ signal: never })
        return signal.aborted ? new Promise(() => {}) : answer
      }
    })
  }
]

describe('passes a sound source', () => {
  test.each(slowSource())('that takes its time: $name', ({ run }) => run())

  test.each(peerSourceConformance(() => staticPeers(addresses), { expected: addresses }))(
    'that is static: $name',
    ({ run }) => run()
  )

  test.each(peerSourceConformance(async () => staticPeers([])))(
    'that knows nobody: $name',
    ({ run }) => run()
  )
})

describe('a broken source', () => {
  test.each(faults)('with $fault is caught: $caughtBy', async ({ break: fault, caughtBy }) => {
    const { run } = slowSource(fault).find(({ name }) => name === caughtBy)!
    await expect((async () => run())()).rejects.toThrow(Error)
  })

  test('there is one for every case', () => {
    const caught = new Set(faults.map(({ caughtBy }) => caughtBy))
    expect(
      slowSource()
        .map(({ name }) => name)
        .filter((name) => !caught.has(name))
    ).toEqual([])
  })
})
