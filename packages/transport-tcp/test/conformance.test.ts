import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { transportConformance } from '@rumormill/testkit'
import { describe, test } from 'vitest'
import { parseAddress } from '../src/address.ts'
import { tcpTransport, type TcpTransport } from '../src/index.ts'

/** A port that was free a moment ago, and so one where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('tcpTransport conforms to the Transport port', async () => {
  const create = ({ address }: { readonly address?: string } = {}): TcpTransport =>
    tcpTransport(address === undefined ? {} : parseAddress(address))
  const unreachable = `127.0.0.1:${await freePort()}`
  // No impostors: all of loopback is one host, and a host vouches for its nodes. crate-flaws.test.ts tries other hosts.
  const options = { unreachable, reusesAddresses: true, hasConnections: true, timeoutMs: 60_000 }
  for (const { name, run } of transportConformance(create, options)) test(name, () => run())
})
