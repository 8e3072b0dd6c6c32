/**
 * Peers from DNS: SRV records name hosts and ports, as Consul and Kubernetes publish them, A records the addresses.
 *
 *   npm run example -- dns-peers _gossip._tcp.example.org 10.0.0.5 9000
 *
 * listens on that address and greets all others that it finds. A fourth word names a DNS server to ask instead of the
 * system's, such as `127.0.0.1:5353`. Ctrl-C leaves. A node asks at its start, every second while it knows nobody, some
 * time after it has lost somebody, and every `peerFinding.intervalMs`: records may change, and servers fail.
 */

import { Resolver } from 'node:dns/promises'
import { fileURLToPath } from 'node:url'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, type PeerSource } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'

export interface DnsPeersOptions {
  /** The name of the SRV records. */
  readonly name: string
  /** Told of each host whose address cannot be had, while others are found. */
  readonly report: (error: Error) => void
  /** Makes what asks one question, and is cancelled with it. Default: the system's servers, for 2 s each, twice. */
  readonly createResolver?: () => Resolver
}

/** Rejects when there are no records: the node observes that as PEER_SOURCE_FAILED, goes on, and asks again. */
export function dnsPeers({
  name,
  report,
  createResolver = systemResolver
}: DnsPeersOptions): PeerSource {
  return {
    async peers({ signal }) {
      signal.throwIfAborted()
      const resolver = createResolver()
      const cancel = (): void => resolver.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      try {
        const records = await resolver.resolveSrv(name)
        const found = await Promise.allSettled(
          records.map(async ({ name: host, port }) => {
            return (await resolver.resolve4(host)).map((ip) => `${ip}:${port}`)
          })
        )
        signal.throwIfAborted()
        // One host that is gone must not hide the others.
        return found.flatMap((each) =>
          each.status === 'fulfilled' ? each.value : (report(each.reason as Error), [])
        )
      } catch (error) {
        throw signal.aborted ? signal.reason : error
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    }
  }
}

function systemResolver(): Resolver {
  return new Resolver({ timeout: 2000, tries: 2 })
}

function resolverAt(server: string): Resolver {
  const resolver = systemResolver()
  resolver.setServers([server])
  return resolver
}

async function main(name?: string, host?: string, port?: string, server?: string): Promise<void> {
  if (name === undefined) throw new Error('npm run example -- dns-peers NAME HOST PORT [SERVER]')
  const report = (error: Error): void => console.error(`! ${error.message}`)
  const gossip = createGossip({
    transport: tcpTransport({ host: host ?? '127.0.0.1', port: Number(port ?? 0) }),
    codec: binaryCodec(),
    peerSource: dnsPeers({
      name,
      report,
      ...(server === undefined ? {} : { createResolver: () => resolverAt(server) })
    }),
    peerFinding: { intervalMs: 30_000 },
    handler: { onUpdate: ({ content }) => console.log(new TextDecoder().decode(content)) },
    observe: (event) => {
      if (event.kind !== 'failed') return
      // A node finds itself among the records, and peers that have just left: neither is news.
      if (event.error.code !== 'INVALID_PEER' && event.error.code !== 'UNREACHABLE')
        report(event.error)
    }
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void gossip.stop())
  console.log(`listening on ${await gossip.start()}`)
  // The address makes it other bytes than the greetings of others; the time, than our own before a restart.
  gossip.submit(
    new TextEncoder().encode(`hello from ${gossip.address}, started at ${new Date().toISOString()}`)
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(...process.argv.slice(2)).catch((error: Error) => {
    console.error(`! ${error.message}`)
    process.exitCode = 1
  })
}
