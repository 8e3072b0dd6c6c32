/** What can go wrong with start and stop. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { insteadOf, sending, type Fault, type Send } from './fault.ts'

export const lifeFaults: readonly Fault[] = [
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
    caughtBy: 'can be stopped repeatedly',
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
    caughtBy: 'can be stopped repeatedly',
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
    caughtBy: 'does not start at a taken address',
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
