/**
 * Measures the cost of storage: submits per second without storage, with it, and durable ones, one at a time and many at
 * once; then the time of a restart, and the size of the folder. One node without peers.
 *
 * Run: `node dist/storage.js [--json] [--rounds 3] [--updates 5000] [--bytes 1024] [--folder DIR]`. The result depends on
 * the disk: by default the one of the system's temporary files.
 */

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { createRng } from '@rumormill/protocol/plugin'
import { levelStorage } from '@rumormill/storage-level'
import { memoryNetwork } from '@rumormill/testkit'

const AT_ONCE = 100

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    updates: { type: 'string', default: '5000' },
    bytes: { type: 'string', default: '1024' },
    folder: { type: 'string', default: tmpdir() }
  }
})

const [updates, bytes] = [Number(values.updates), Number(values.bytes)]
const rng = createRng(1)

type Submit = (node: GossipService, contents: readonly Uint8Array[]) => Promise<void>

const plain: Submit = async (node, contents) => {
  for (const [index, content] of contents.entries()) {
    node.submit(content)
    // Ends the turn of the event loop at intervals, as in an application that gets its submissions from outside.
    if (index % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

const durable =
  (atOnce: number): Submit =>
  async (node, contents) => {
    for (let from = 0; from < contents.length; from += atOnce) {
      await Promise.all(
        contents
          .slice(from, from + atOnce)
          .map((content) => node.submit(content, { durable: true }))
      )
    }
  }

const ways: readonly {
  readonly name: string
  readonly storage: boolean
  readonly share: number
  readonly submit: Submit
}[] = [
  { name: 'without storage', storage: false, share: 1, submit: plain },
  { name: 'with storage', storage: true, share: 1, submit: plain },
  { name: `durable, ${AT_ONCE} at once`, storage: true, share: 1, submit: durable(AT_ONCE) },
  // Fewer updates, because each waits for the disk.
  { name: 'durable, one at a time', storage: true, share: 0.1, submit: durable(1) }
]

for (let round = 1; round <= Number(values.rounds); round++) {
  for (const way of ways) print({ round, ...(await measure(way)) })
}

async function measure({
  name,
  storage,
  share,
  submit
}: (typeof ways)[number]): Promise<Record<string, number | string>> {
  const folder = mkdtempSync(join(values.folder, 'rumormill-storage-'))
  try {
    const contents = Array.from({ length: updates * share }, () =>
      new Uint8Array(bytes).map(() => rng.below(256))
    )
    const first = await start(storage ? folder : undefined)
    const submitMs = await timed(() => submit(first, contents))
    await first.stop()
    const result = {
      name,
      updates: contents.length,
      bytes,
      perSecond: (contents.length / submitMs) * 1000
    }
    if (!storage) return result
    const startMs = await timed(async () => (await start(folder)).stop())
    const folderBytes = readdirSync(folder).reduce(
      (sum, file) => sum + statSync(join(folder, file)).size,
      0
    )
    return {
      ...result,
      bytesOnDiskPerByte: folderBytes / (contents.length * bytes),
      restartMs: startMs
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function start(folder: string | undefined): Promise<GossipService> {
  const node = createGossip({
    transport: memoryNetwork().transport(),
    codec: binaryCodec(),
    peerSource: staticPeers([]),
    handler: { onUpdate: () => {} },
    ...(folder === undefined ? {} : { storage: levelStorage({ location: folder }) })
  })
  await node.start()
  return node
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}

function print(result: Record<string, number | string>): void {
  if (values.json) return console.log(JSON.stringify({ benchmark: 'storage', ...result }))
  const onDisk =
    result['restartMs'] === undefined
      ? ''
      : `, ${Number(result['bytesOnDiskPerByte']).toFixed(2)} bytes on disk per byte, started again and stopped in ${Number(result['restartMs']).toFixed(0)} ms`
  console.log(
    `${result['round']}. ${String(result['name']).padEnd(22)} ${Number(result['perSecond']).toFixed(0).padStart(7)} submits/s${onDisk}`
  )
}
