/** Transports over a memory network with one thing broken each, and the case that must notice. */
import { GossipError, type Address, type Receiver, type Transport } from '@rumormill/protocol'
import { type ManualClock, type MemoryNetwork } from '../src/index.ts'

/** What one network of broken transports shares. */
export interface Workshop {
  readonly clock: ManualClock
  readonly network: MemoryNetwork
}

export interface Fault {
  readonly fault: string
  readonly caughtBy: string
  readonly break: (sound: Transport, workshop: Workshop) => Partial<Transport>
}

type Send = Transport['send']

/** Changes what is received. */
function hearing(
  sound: Transport,
  change: (receiver: Receiver) => Partial<Receiver>
): Partial<Transport> {
  return {
    start: (receiver, options) => sound.start({ ...plain(receiver), ...change(receiver) }, options)
  }
}

function plain(receiver: Receiver): Receiver {
  return {
    receive: (from, bytes) => receiver.receive(from, bytes),
    fail: (error) => receiver.fail(error)
  }
}

/** Changes what is sent. */
function sending(sound: Transport, change: (send: Send) => Send): Partial<Transport> {
  return { send: change((to, bytes, options) => sound.send(to, bytes, options)) }
}

/** Turns errors of one code into something else. */
function insteadOf(code: string, other: () => Promise<void>): (send: Send) => Send {
  return (send) => (to, bytes, options) =>
    send(to, bytes, options).catch((error: GossipError) => {
      if (error.code !== code) throw error
      return other()
    })
}

/** Receivers that are called without a network between. */
const direct = new WeakMap<MemoryNetwork, Map<Address, Receiver>>()

const messageFaults: readonly Fault[] = [
  {
    fault: 'an address that nobody can use',
    caughtBy: 'starts at an address of its own that others can send to',
    break: (sound) => ({
      start: async (receiver, options) => (await sound.start(receiver, options), '0.0.0.0:0')
    })
  },
  {
    fault: 'a limit without end',
    caughtBy: 'starts at an address of its own that others can send to',
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
    caughtBy: 'serves several peers at once, and tells them apart',
    break: (sound) =>
      hearing(sound, (receiver) => {
        let first: Address | undefined
        return { receive: (from, bytes) => receiver.receive((first ??= from), bytes) }
      })
  },
  {
    fault: 'answers through a second door',
    caughtBy: 'answers from the address that was asked',
    break: (sound, { network }) => {
      const door = network.transport()
      let asked = false
      return {
        start: async (receiver, options) => {
          await door.start(receiver, options)
          const receive: Receiver['receive'] = (from, bytes) => {
            asked = true
            receiver.receive(from, bytes)
          }
          return sound.start({ ...plain(receiver), receive }, options)
        },
        send: (to, bytes, options) => (asked ? door : sound).send(to, bytes, options),
        stop: async () => {
          await Promise.all([door.stop(), sound.stop()])
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
    caughtBy: 'outlives a receiver that throws',
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

const failureFaults: readonly Fault[] = [
  {
    fault: 'success where nobody is',
    caughtBy: 'rejects sends to where nobody is, and serves others meanwhile',
    break: (sound) =>
      sending(
        sound,
        insteadOf('UNREACHABLE', async () => {})
      )
  },
  {
    fault: 'an endless wait for where nobody is',
    caughtBy: 'rejects sends to where nobody is, and serves others meanwhile',
    break: (sound) =>
      sending(
        sound,
        insteadOf('UNREACHABLE', () => new Promise(() => {}))
      )
  },
  {
    fault: 'a queue of which a dead peer is the head',
    caughtBy: 'rejects sends to where nobody is, and serves others meanwhile',
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
    caughtBy: 'rejects addresses that make no sense',
    break: (sound) =>
      sending(sound, (send) => (to, bytes, options) => {
        if (to.includes('[')) throw new TypeError('Invalid URL')
        return send(to, bytes, options)
      })
  },
  {
    fault: 'plain errors',
    caughtBy: 'rejects addresses that make no sense',
    break: (sound) =>
      sending(
        sound,
        insteadOf('INVALID_ADDRESS', () => Promise.reject(new TypeError('Invalid URL')))
      )
  },
  {
    fault: 'no look at the signal',
    caughtBy: 'rejects with the reason of a signal that had aborted',
    break: (sound) =>
      sending(
        sound,
        (send) => (to, bytes) => send(to, bytes, { signal: new AbortController().signal })
      )
  },
  {
    fault: 'an error of its own for an aborted signal',
    caughtBy: 'rejects with the reason of a signal that had aborted',
    break: (sound) =>
      sending(sound, (send) => async (to, bytes, options) => {
        if (options.signal.aborted) throw new GossipError('TIMED_OUT', 'aborted')
        await send(to, bytes, options)
      })
  },
  {
    fault: 'nothing more once the signal aborts',
    caughtBy: 'settles sends whose signal aborts on the way',
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
    caughtBy: 'tells peers of another protocol apart, on both sides',
    break: (sound) => ({ start: (receiver) => sound.start(receiver, { protocol: '/any' }) })
  },
  {
    fault: 'silence towards the side that was called',
    caughtBy: 'tells peers of another protocol apart, on both sides',
    break: (sound) => hearing(sound, () => ({ fail: () => {} }))
  },
  {
    fault: 'belief in what peers call themselves',
    caughtBy: 'lets nobody send under the name of another',
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

const lifeFaults: readonly Fault[] = [
  {
    fault: 'messages kept until start',
    caughtBy: 'sends nothing before it has started',
    break: (sound) =>
      sending(
        sound,
        insteadOf('NOT_RUNNING', async () => {})
      )
  },
  {
    fault: 'ears that stay open',
    caughtBy: 'sends and receives nothing after it has stopped',
    break: (sound, { clock }) => {
      let stopped = false
      return {
        send: async (to, bytes, options) => {
          if (stopped) throw new GossipError('NOT_RUNNING', 'stopped')
          await sound.send(to, bytes, options)
        },
        stop: async () => {
          stopped = true
          clock.wakeAt(clock.now() + 30, () => void sound.stop())
        }
      }
    }
  },
  {
    fault: 'a second start that is welcome',
    caughtBy: 'starts once',
    break: (sound) => {
      let started: Promise<Address> | undefined
      return { start: (receiver, options) => (started ??= sound.start(receiver, options)) }
    }
  },
  {
    fault: 'an error at the second stop',
    caughtBy: 'stops as often as it is told',
    break: (sound) => {
      let stopped = false
      return {
        stop: async () => {
          if (stopped) throw new GossipError('NOT_RUNNING', 'stopped before')
          stopped = true
          await sound.stop()
        }
      }
    }
  },
  {
    fault: 'a stop that never settles',
    caughtBy: 'stops as often as it is told',
    break: (sound) => ({ stop: () => sound.stop().then(() => new Promise<void>(() => {})) })
  },
  {
    fault: 'sends forgotten at stop',
    caughtBy: 'settles pending sends when it stops',
    break: (sound, { clock }) => {
      let stopped = false
      const slow =
        (send: Send): Send =>
        async (to, bytes, options) => {
          await new Promise<void>((resolve) => {
            clock.wakeAt(clock.now() + 1, () => {
              if (!stopped) resolve()
            })
          })
          await send(to, bytes, options)
        }
      const forgetful = sending(sound, slow)
      return { ...forgetful, stop: () => ((stopped = true), sound.stop()) }
    }
  },
  {
    fault: 'a start that overtakes stop',
    caughtBy: 'stops while it starts',
    break: (sound) => {
      let running = false
      return {
        start: async (receiver, options) => {
          await Promise.resolve()
          const address = await sound.start(receiver, options)
          running = true
          return address
        },
        stop: async () => {
          if (running) await sound.stop()
        }
      }
    }
  },
  {
    fault: 'another address when its own is taken',
    caughtBy: 'does not start where another is',
    break: (sound, { network }) => {
      let used = sound
      return {
        start: (receiver, options) =>
          sound.start(receiver, options).catch((error: GossipError) => {
            if (error.code !== 'ADDRESS_UNAVAILABLE') throw error
            used = network.transport()
            return used.start(receiver, options)
          }),
        send: (to, bytes, options) => used.send(to, bytes, options),
        stop: () => used.stop()
      }
    }
  }
]

export const faults: readonly Fault[] = [...messageFaults, ...failureFaults, ...lifeFaults]
