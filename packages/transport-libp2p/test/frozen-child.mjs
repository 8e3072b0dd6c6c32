/** A peer in a process of its own, to be stopped in the middle. Runs what was built. */

import { libp2pTransport } from '../dist/index.js'
import { createNode } from '../dist/node/index.js'

const transport = libp2pTransport({ node: await createNode() })
process.send(
  await transport.start(
    { receive: () => {}, fail: () => {} },
    { protocol: '/rumormill/1/test/none' }
  )
)
process.on('disconnect', () => process.exit())
