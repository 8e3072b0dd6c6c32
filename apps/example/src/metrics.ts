/** `--metrics PORT`: serves the metrics of a node for Prometheus, on this machine only. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventTally } from '@rumormill/metrics'
import { prometheusMetrics } from '@rumormill/metrics/prometheus'
import type { GossipService, Observer } from '@rumormill/protocol'
import { Registry } from 'prom-client'

export interface MetricsServer {
  /** Must be called with the node's events. */
  readonly observe: Observer
  /** Serves the metrics of the node; resolves with their URL. Rejects when the port is taken. */
  serve(gossip: GossipService, port: number): Promise<string>
  stop(): void
}

export function metricsServer(): MetricsServer {
  const registry = new Registry()
  const tally = eventTally()
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics')
      return void response.writeHead(404).end('GET /metrics\n')
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end()
    )
  })
  return {
    observe: tally.observe,
    async serve(gossip, port) {
      prometheusMetrics({ registry }).add({ gossip, tally })
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
    },
    stop() {
      server.close()
      server.closeAllConnections()
    }
  }
}
