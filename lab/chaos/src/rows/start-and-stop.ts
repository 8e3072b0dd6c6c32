/** Row 26: nodes that start on taken ports, stop while they start, stop twice, and start again. */

import { binaryCodec } from '@rumormill/codec-binary'
import { amount } from '@rumormill/harness/figure'
import {
  createGossip,
  staticPeers,
  type GossipError,
  type GossipService
} from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import type { Row, RowOptions, RowResult } from '../row.ts'

export const startAndStop: Row = { number: 26, name: 'start and stop', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const times = short ? 20 : 200
  const complaints = new Set<string>()
  let [outcomes, asExpected] = [0, 0]
  const expect = (what: string, came: string, ...allowed: readonly string[]): void => {
    outcomes++
    if (allowed.includes(came)) asExpected++
    else complaints.add(`${what}: ${came}`)
  }
  for (let time = 0; time < times; time++) {
    const first = node(0)
    const address = await first.start()
    const port = Number(address.split(':').at(-1))
    if (port === 0) complaints.add('port 0 stayed 0')
    expect('a taken port', await codeOf(node(port).start()), 'ADDRESS_UNAVAILABLE')
    expect('a second start', await codeOf(first.start()), 'ALREADY_STARTED')
    expect('stop, twice at once', await codeOf(Promise.all([first.stop(), first.stop()])), 'done')
    expect('stop once more', await codeOf(first.stop()), 'done')
    expect('start after stop', await codeOf(first.start()), 'ALREADY_STARTED')
    const hasty = node(port)
    const starting = codeOf(hasty.start())
    expect('stop while starting', await codeOf(hasty.stop()), 'done')
    expect('start while stopping', await starting, 'done', 'NOT_RUNNING')
    const second = node(port)
    expect('start at the same port', await codeOf(second.start()), 'done')
    await second.stop()
  }
  return {
    load: `${times} times`,
    faults: 'taken ports, stops at any time',
    badInputs: 5 * times,
    lost: 0,
    duplicates: 0,
    figures: [amount('outcomes as expected', asExpected, { of: outcomes })],
    complaints: [...complaints]
  }
}

function node(port: number): GossipService {
  return createGossip({
    transport: tcpTransport({ port }),
    codec: binaryCodec(),
    peerSource: staticPeers([]),
    handler: { onUpdate: () => {} }
  })
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error as GossipError).code ?? String(error)
  )
}
