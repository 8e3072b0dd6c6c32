/** The process that Maelstrom starts: reads and writes envelopes on stdin and stdout, one a line, and logs to stderr. */

import { createInterface } from 'node:readline'
import { createRng, systemClock } from '@rumormill/protocol/plugin'
import { BroadcastNode } from './broadcast-node.ts'
import { parseEnvelope } from './envelope.ts'

const logsDeliveries = process.argv.includes('--log-deliveries')

const node = new BroadcastNode({
  clock: systemClock,
  rng: createRng(crypto.getRandomValues(new Uint32Array(1))[0]!),
  write: (envelope) => void process.stdout.write(`${JSON.stringify(envelope)}\n`),
  delivered: (value) => {
    if (logsDeliveries)
      process.stderr.write(
        `delivered ${JSON.stringify(value)} ${performance.timeOrigin + performance.now()}\n`
      )
  }
})

for await (const line of createInterface({ input: process.stdin })) {
  const envelope = parseEnvelope(line)
  if (envelope === undefined) {
    process.stderr.write(`not an envelope: ${line.slice(0, 200)}\n`)
    continue
  }
  const answered = node
    .receive(envelope)
    .catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  // All other requests need a node. Only init is awaited, because a request may wait for later messages.
  if (envelope.body.type === 'init') await answered
}
await node.stop()
