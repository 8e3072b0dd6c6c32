import type { Libp2p } from '@libp2p/interface'
import type { Transport } from '@rumormill/protocol/plugin'
import { transportConformance } from '@rumormill/testkit'
import { describe, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { startNode } from './nodes.ts'

describe('libp2pTransport conforms to the Transport port', async () => {
  /** The nodes by the addresses of their transports: a transport is restarted on the node that was there. */
  const hosts = new Map<string, Libp2p>()

  const create = async ({ address }: { readonly address?: string } = {}): Promise<Transport> => {
    const node = hosts.get(address ?? '') ?? (await startNode())
    hosts.set(node.getMultiaddrs()[0]!.toString(), node)
    return libp2pTransport({ node })
  }

  /** A node that claims the id of the node at `address`, but has another key. */
  const createImpostor = async (address: string): Promise<Transport> => {
    const [node, victim] = [await startNode(), hosts.get(address)!]
    const lying = new Proxy(node, {
      get: (target, name) => {
        if (name === 'peerId') return victim.peerId
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      }
    })
    return libp2pTransport({ node: lying, advertise: address })
  }

  const gone = await startNode()
  const unreachable = gone.getMultiaddrs()[0]!.toString()
  await gone.stop()
  const options = {
    unreachable,
    reusesAddresses: true,
    authenticated: true,
    seesStrangers: false,
    hasConnections: true,
    createImpostor,
    timeoutMs: 60_000
  }
  for (const { name, run } of transportConformance(create, options)) test(name, () => run())
})
