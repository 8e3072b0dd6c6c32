/** What can go wrong when a send fails. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { hearing, insteadOf, sending, type Fault } from './fault.ts'

export const failureFaults: readonly Fault[] = [
  {
    fault: 'success where nobody is',
    caughtBy: 'rejects sends to an unreachable address, and serves others meanwhile',
    break: (sound) =>
      sending(
        sound,
        insteadOf('UNREACHABLE', async () => {})
      )
  },
  {
    fault: 'an endless wait for where nobody is',
    caughtBy: 'rejects sends to an unreachable address, and serves others meanwhile',
    break: (sound) =>
      sending(
        sound,
        insteadOf('UNREACHABLE', () => new Promise(() => {}))
      )
  },
  {
    fault: 'a queue of which a dead peer is the head',
    caughtBy: 'rejects sends to an unreachable address, and serves others meanwhile',
    break: (sound) =>
      sending(sound, (send) => {
        let blocked: Promise<void> | undefined
        return async (to, bytes, options) => {
          await blocked
          await send(to, bytes, options).catch((error: GossipError) => {
            if (error.code === 'UNREACHABLE') blocked = new Promise(() => {})
            throw error
          })
        }
      })
  },
  {
    fault: 'a URL parser that throws',
    caughtBy: 'rejects malformed addresses',
    break: (sound) =>
      sending(sound, (send) => (to, bytes, options) => {
        if (to.includes('[')) throw new TypeError('Invalid URL')
        return send(to, bytes, options)
      })
  },
  {
    fault: 'plain errors',
    caughtBy: 'rejects malformed addresses',
    break: (sound) =>
      sending(
        sound,
        insteadOf('INVALID_ADDRESS', () => Promise.reject(new TypeError('Invalid URL')))
      )
  },
  {
    fault: 'no look at the signal',
    caughtBy: 'rejects with the reason of an aborted signal',
    break: (sound) =>
      sending(
        sound,
        (send) => (to, bytes) => send(to, bytes, { signal: new AbortController().signal })
      )
  },
  {
    fault: 'an error of its own for an aborted signal',
    caughtBy: 'rejects with the reason of an aborted signal',
    break: (sound) =>
      sending(sound, (send) => async (to, bytes, options) => {
        if (options.signal.aborted) throw new GossipError('TIMED_OUT', 'aborted')
        await send(to, bytes, options)
      })
  },
  {
    fault: 'nothing more once the signal aborts',
    caughtBy: 'settles sends whose signal aborts',
    break: (sound) =>
      sending(sound, (send) => async (to, bytes, options) => {
        const aborted = new Promise<void>((resolve) => {
          options.signal.addEventListener('abort', () => resolve())
        })
        // Lets an abort in the same turn come first.
        const first = await Promise.race([
          aborted.then(() => 'aborted'),
          Promise.resolve().then(() => 'sent')
        ])
        if (first === 'aborted' || options.signal.aborted) await new Promise(() => {})
        await send(to, bytes, options)
      })
  },
  {
    fault: 'trust in peers that were there once',
    caughtBy: 'rejects sends to a peer that has stopped',
    break: (sound) =>
      sending(sound, (send) => {
        const known = new Set<Address>()
        return async (to, bytes, options) => {
          try {
            await send(to, bytes, options)
            known.add(to)
          } catch (error) {
            if (!known.has(to) || (error as GossipError).code !== 'UNREACHABLE') throw error
          }
        }
      })
  },
  {
    fault: 'one label for all',
    caughtBy: 'reports peers of another protocol, on both sides',
    break: (sound) => ({ start: (receiver) => sound.start(receiver, { protocol: '/any' }) })
  },
  {
    fault: 'silence towards the side that was called',
    caughtBy: 'reports peers of another protocol, on both sides',
    break: (sound) => hearing(sound, () => ({ fail: () => {}, lost: () => {} }))
  },
  {
    fault: 'belief in what peers call themselves',
    caughtBy: 'lets no peer send with the address of another',
    break: (sound) =>
      hearing(sound, (receiver) => ({
        receive: (from, bytes) => receiver.receive(from.replace('impostor-of:', ''), bytes)
      }))
  },
  {
    fault: 'a grudge against peers that were gone',
    caughtBy: 'reaches a new peer at the address of a stopped one',
    break: (sound) =>
      sending(sound, (send) => {
        const gone = new Set<Address>()
        return async (to, bytes, options) => {
          if (gone.has(to)) throw new GossipError('UNREACHABLE', 'it was gone')
          await send(to, bytes, options).catch((error: GossipError) => {
            if (error.code === 'UNREACHABLE') gone.add(to)
            throw error
          })
        }
      })
  }
]
