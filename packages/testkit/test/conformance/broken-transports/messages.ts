/** What can go wrong with messages, and with the names of senders. */

import type { Address, Receiver } from '@rumormill/protocol/plugin'
import type { MemoryNetwork } from '../../../src/index.ts'
import { hearing, insteadOf, plain, sending, type Fault } from './fault.ts'

/** Receivers that are called without a network between. */
const direct = new WeakMap<MemoryNetwork, Map<Address, Receiver>>()

export const messageFaults: readonly Fault[] = [
  {
    fault: 'an address that nobody can use',
    caughtBy: 'starts at its own address, to which others can send',
    break: (sound) => ({
      start: async (receiver, options) => (await sound.start(receiver, options), '0.0.0.0:0')
    })
  },
  {
    fault: 'a limit without end',
    caughtBy: 'starts at its own address, to which others can send',
    break: () => ({ maxMessageBytes: Infinity })
  },
  {
    fault: 'senders with another name, where nobody is',
    caughtBy: 'names a sender that can be answered',
    break: (sound) =>
      hearing(sound, (receiver) => ({
        receive: (from, bytes) => receiver.receive(`${from}0`, bytes)
      }))
  },
  {
    fault: 'no message from itself',
    caughtBy: 'names a sender that can be answered',
    break: (sound) =>
      hearing(sound, (receiver) => ({ receive: (_from, bytes) => receiver.receive('', bytes) }))
  },
  {
    fault: 'every message from the one that spoke first',
    caughtBy: 'serves several peers at once, and distinguishes them',
    break: (sound) =>
      hearing(sound, (receiver) => {
        let first: Address | undefined
        return { receive: (from, bytes) => receiver.receive((first ??= from), bytes) }
      })
  },
  {
    fault: 'answers through a second transport',
    caughtBy: 'answers from the address that was asked',
    break: (sound, { network }) => {
      const other = network.transport()
      let asked = false
      return {
        start: async (receiver, options) => {
          await other.start(receiver, options)
          const receive: Receiver['receive'] = (from, bytes) => {
            asked = true
            receiver.receive(from, bytes)
          }
          return sound.start({ ...plain(receiver), receive }, options)
        },
        send: (to, bytes, options) => (asked ? other : sound).send(to, bytes, options),
        stop: async () => {
          await Promise.all([other.stop(), sound.stop()])
        }
      }
    }
  },
  {
    fault: 'messages cut at 65,535 bytes',
    caughtBy: 'carries messages from one byte to the longest',
    break: (sound) =>
      sending(sound, (send) => (to, bytes, options) => send(to, bytes.subarray(0, 65_535), options))
  },
  {
    fault: 'silence about what is too long',
    caughtBy: 'refuses a message that is too long',
    break: (sound) =>
      sending(
        sound,
        insteadOf('MESSAGE_TOO_LARGE', async () => {})
      )
  },
  {
    fault: 'a part of what is too long',
    caughtBy: 'refuses a message that is too long',
    break: (sound) =>
      sending(sound, (send) => async (to, bytes, options) => {
        if (bytes.length > sound.maxMessageBytes) await send(to, bytes.slice(0, 10), options)
        await send(to, bytes, options)
      })
  },
  {
    fault: 'messages as text',
    caughtBy: 'changes no byte',
    break: (sound) =>
      hearing(sound, (receiver) => ({
        receive: (from, bytes) =>
          receiver.receive(from, new TextEncoder().encode(new TextDecoder().decode(bytes)))
      }))
  },
  {
    fault: 'the whole buffer instead of the part of it',
    caughtBy: 'changes no byte',
    break: (sound) =>
      sending(
        sound,
        (send) => (to, bytes, options) =>
          send(to, new Uint8Array(bytes.buffer, 0, bytes.length), options)
      )
  },
  {
    fault: 'two messages merged that are sent in one turn',
    caughtBy: 'keeps the boundaries of messages',
    break: (sound) =>
      sending(sound, (send) => {
        let waiting: Uint8Array[] = []
        return async (to, bytes, options) => {
          waiting.push(bytes)
          await Promise.resolve()
          const merged = Uint8Array.from(waiting.flatMap((each) => [...each]))
          waiting = []
          if (merged.length > 0) await send(to, merged, options)
        }
      })
  },
  {
    fault: 'one buffer for all that comes in',
    caughtBy: 'gives each receiver bytes of its own',
    break: (sound) => {
      const buffer = new Uint8Array(2 ** 20)
      return hearing(sound, (receiver) => ({
        receive: (from, bytes) => {
          buffer.set(bytes)
          receiver.receive(from, buffer.subarray(0, bytes.length))
        }
      }))
    }
  },
  {
    fault: 'the 700th message lost',
    caughtBy: 'delivers a thousand messages',
    break: (sound) => {
      let number = 0
      return sending(sound, (send) => async (to, bytes, options) => {
        if (++number !== 700) await send(to, bytes, options)
      })
    }
  },
  {
    fault: 'a receiver called at once',
    caughtBy: 'never calls receive from inside send',
    break: (sound, { network }) => {
      const deliver = direct.get(network) ?? new Map<Address, Receiver>()
      direct.set(network, deliver)
      let self = ''
      return {
        start: async (receiver, options) => {
          self = await sound.start(receiver, options)
          deliver.set(self, receiver)
          return self
        },
        send: async (to, bytes) => deliver.get(to)!.receive(self, bytes)
      }
    }
  },
  {
    fault: 'one message a second',
    caughtBy: 'delivers a thousand messages',
    break: (sound, { clock }) =>
      sending(sound, (send) => {
        let line: Promise<unknown> = Promise.resolve()
        return (to, bytes, options) => {
          const sent = line.then(() => send(to, bytes, options))
          const second = (): Promise<void> =>
            new Promise((resolve) => {
              clock.wakeAt(clock.now() + 1000, resolve)
            })
          line = sent.catch(() => {}).then(second)
          return sent
        }
      })
  },
  {
    fault: 'no ear for who is being spoken to',
    caughtBy: 'carries messages both ways at once',
    break: (sound) => {
      const spokenTo = new Set<Address>()
      const deaf = hearing(sound, (receiver) => ({
        receive: (from, bytes) => {
          if (!spokenTo.has(from)) receiver.receive(from, bytes)
        }
      }))
      return {
        ...deaf,
        send: (to, bytes, options) => (spokenTo.add(to), sound.send(to, bytes, options))
      }
    }
  },
  {
    fault: 'deafness after the receiver threw',
    caughtBy: 'survives a receiver that throws',
    break: (sound) =>
      hearing(sound, (receiver) => {
        let threw = false
        return {
          receive: (from, bytes) => {
            if (threw) return
            threw = true
            receiver.receive(from, bytes)
            threw = false
          }
        }
      })
  },
  {
    fault: 'senders under a second name that reaches them',
    caughtBy: 'names each sender by the address it started at',
    break: (sound) => ({
      ...hearing(sound, (receiver) => ({
        receive: (from, bytes) => receiver.receive(`also:${from}`, bytes)
      })),
      send: (to, bytes, options) => sound.send(to.replace('also:', ''), bytes, options)
    })
  }
]
