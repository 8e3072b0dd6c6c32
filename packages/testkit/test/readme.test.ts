/** The programs of the README, as they stand there, and a check that they do. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { createRng, type Codec } from '@rumormill/protocol/plugin'
import {
  codecConformance,
  fakeOffer,
  faultPlan,
  hostilePeer,
  manualClock,
  memoryNetwork,
  transportConformance,
  withExceptions
} from '@rumormill/testkit'
import { tcpFaultProxy } from '@rumormill/testkit/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { expect, test } from 'vitest'

test('an update waits for the end of a partition', async () => {
  const clock = manualClock()
  const rng = createRng(1)
  const network = memoryNetwork({
    clock,
    rng: rng.fork(),
    delayMs: { least: 5, most: 50 },
    loss: 0.1
  })
  const heard: string[] = []
  const node = (address: string): GossipService =>
    createGossip({
      transport: network.transport(address),
      codec: binaryCodec(),
      peerSource: staticPeers(['a']),
      clock,
      rng: rng.fork(),
      handler: {
        onUpdate: ({ content }) =>
          void heard.push(`${address}: ${new TextDecoder().decode(content)}`)
      }
    })
  const [a, b] = [node('a'), node('b')]
  await Promise.all([a.start(), b.start()])
  network.partition([['a'], ['b']])
  a.submit(new TextEncoder().encode('hello'))
  await clock.advance(60_000) // a minute, in a moment
  expect(heard).toEqual([])
  network.heal()
  await clock.advance(10_000)
  expect(heard).toEqual(['b: hello'])
})

test('a node asks a liar for at most 8 contents', async () => {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const [codec, peers, handler] = [binaryCodec(), staticPeers([]), { onUpdate: () => {} }]
  const node = createGossip({
    transport: network.transport('node'),
    codec,
    peerSource: peers,
    handler,
    clock
  })
  const liar = hostilePeer({ transport: network.transport('liar'), codec })
  await Promise.all([node.start(), liar.start()])
  await liar.say('node', fakeOffer(1000, createRng(1)))
  await clock.advance(1)
  expect(node.stats().pendingRequests).toBe(8)
})

test('a group over sockets outlives its faults', async () => {
  const faults = faultPlan({
    rng: createRng(1),
    loss: 0.2,
    duplicate: 0.2,
    reorder: 0.1,
    delayMs: { least: 0, most: 20 }
  })
  const heard: string[] = []
  const node = (peers: string[]): GossipService =>
    createGossip({
      transport: faults.wrap(tcpTransport()),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      preset: 'local',
      handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
    })
  const a = node([])
  const b = node([await a.start()])
  faults.cut([await b.start()], [a.address]) // b hears a, a does not hear b
  a.submit(new TextEncoder().encode('hello'))
  faults.heal()
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['hello'])
  faults.calm()
  await Promise.all([a.stop(), b.stop()])
  expect(faults.counts.messages).toBeGreaterThan(0)
})

test('a node comes back after a connection that carried nonsense', async () => {
  const heard: string[] = []
  const node = (peers: string[]): GossipService =>
    createGossip({
      transport: tcpTransport({ deadlines: { frameMs: 500 } }),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      preset: 'local',
      handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
    })
  const a = node([])
  const proxy = await tcpFaultProxy({ target: await a.start(), delayMs: 5, sliceBytes: 100 })
  const b = node([proxy.address])
  await b.start()
  await b.ready()
  proxy.set({ flip: 0.5 }, 'to-target')
  b.submit(new TextEncoder().encode('hello'))
  await expect.poll(() => proxy.counts.flippedBytes, { timeout: 10_000 }).toBeGreaterThan(0)
  proxy.calm()
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['hello'])
  await Promise.all([a.stop(), b.stop(), proxy.stop()])
})

// The cases assert; the README says no more.
/* oxlint-disable vitest/expect-expect */

const clock = manualClock()
const network = memoryNetwork({ clock })
const cases = transportConformance(({ address } = {}) => network.transport(address), {
  unreachable: 'nobody',
  reusesAddresses: true,
  wait: (ms) => clock.advance(ms)
})
for (const { name, run } of cases) test(name, run, 60_000)

/** As the README has it: no `ihave`, and a name against the rule. */
function oldFormat(): Codec {
  const { encode, ...sound } = binaryCodec()
  return {
    ...sound,
    name: 'Old Format',
    encode: (message) =>
      encode(message.kind === 'ihave' ? { kind: 'view-request', view: [] } : message)
  }
}

const old = codecConformance(oldFormat, { carries: ({ kind }) => kind !== 'ihave' })
const reasons = {
  'has a name of lower-case letters, digits and dashes': 'it had its name before there was a rule'
}
for (const { name, run } of withExceptions(old, reasons)) test(name, run, 60_000)

/** The names that a program imports from a module, in whichever statements. */
function importedFrom(module: string, program: string): string[] {
  const statements = [...program.matchAll(/^import (?:type )?\{([^}]*)\} from '([^']*)'/gm)]
  const own = statements.filter(([, , from]) => from === module)
  return own.flatMap(([, names]) => names!.split(',').map((name) => name.trim()))
}

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')

test('the README shows these programs and no others', () => {
  const shown = [...read('../README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map(
    ([, program]) => program!
  )
  const own = read('./readme.test.ts')
  expect(shown).toHaveLength(7)
  for (const program of shown) {
    const imports = [...program.matchAll(/^import \{([^}]*)\} from '([^']*)'\n+/gm)]
    for (const [, names, module] of imports) {
      for (const name of names!.split(','))
        expect(importedFrom(module!, own)).toContain(name.trim())
    }
    expect(own).toContain(
      imports.reduce((text, [statement]) => text.replace(statement, ''), program)
    )
  }
})

test('the testkit imports the protocol and nothing else, and of Node only behind an entry of its own', () => {
  const imports = (folder: string): Set<string> => {
    const files = readdirSync(fileURLToPath(new URL(folder, import.meta.url)), {
      recursive: true,
      encoding: 'utf8'
    }).filter((file) => file.endsWith('.ts') && (folder.includes('node/') || !isForNode(file)))
    const imported = files.flatMap((file) =>
      [...read(folder + file).matchAll(/\bfrom '([^']+)'/g)].map(([, name]) => name!)
    )
    return new Set(imported.filter((name) => !name.startsWith('.')))
  }
  const isForNode = (file: string): boolean => /(?:^|[/\\])node[/\\]/.test(file)
  expect(imports('../src/')).toEqual(new Set(['@rumormill/protocol', '@rumormill/protocol/plugin']))
  expect(imports('../src/faults/node/')).toEqual(
    new Set(['@rumormill/protocol/plugin', 'node:events', 'node:net'])
  )
})
