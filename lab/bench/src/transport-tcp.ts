/**
 * Measures frames per second of two TCP transports in two processes, against plain `node:net` with the same framing.
 *
 * Both alternate in one run, so that a busy machine slows both. Run: `node dist/transport-tcp.js [--json] [--rounds 7]`.
 */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '@rumormill/harness/child-process'
import { cpuMicros } from '@rumormill/harness/process-usage'
import { median } from '@rumormill/harness/quantile'
import { tcpTransport } from '@rumormill/transport-tcp'
import { printClaim, type Claim } from './claim.ts'

const PROTOCOL = '/rumormill/1/benchmark/none'

/** The loads. Goals are the share of the plain socket's rate that the transport must reach. */
const LOADS = [
  { row: 'f3a', name: '256 B', frameBytes: 256, frames: 600_000, goal: 0.5, extreme: 0.8 },
  { row: 'f3b', name: '16 KiB', frameBytes: 16_384, frames: 24_000, goal: 0.5, extreme: 0.8 },
  { row: 'f3c', name: '1 MiB', frameBytes: 1_048_576, frames: 500, goal: 0.6, extreme: 0.9 }
] as const

type Load = Omit<(typeof LOADS)[number], 'frames'> & { readonly frames: number }
type Path = 'plain' | 'transport'

/** The figures of one round on one path. CPU time is the sum of both processes. */
interface Round {
  readonly framesPerSecond: number
  readonly cpuMicrosPerFrame: number
}

/** The first message of the reading process. */
interface ReaderPlace {
  readonly address: string
  readonly port: number
}

/** Its message once all frames of a round have arrived. */
interface ReaderTime {
  readonly cpuMicros: number
}

if (process.argv[2] === 'reader') await readerProcess(process.argv[3] as Path)
else await writerProcess()

async function writerProcess(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '7' },
      share: { type: 'string', default: '1' }
    }
  })
  for (const { frames, ...rest } of LOADS) {
    const load: Load = { ...rest, frames: Math.ceil(frames * Number(values.share)) }
    const rounds: Record<Path, Round[]> = { plain: [], transport: [] }
    const plain = await startPath('plain')
    const transport = await startPath('transport')
    // The first round of each is a warm-up and does not count.
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const path of [plain, transport]) {
        const result = await runRound(path, load)
        if (round > 0) rounds[path.name].push(result)
      }
    }
    await Promise.all([plain.stop(), transport.stop()])
    print(load, rounds, values.json === true)
  }
}

/** An open connection to a reading process. */
interface OpenPath {
  readonly name: Path
  readonly reader: ChildProcess
  readonly write: (load: Load) => Promise<void>
  readonly stop: () => Promise<void>
}

async function startPath(name: Path): Promise<OpenPath> {
  const reader = fork(fileURLToPath(import.meta.url), ['reader', name])
  const where = await messageOf<ReaderPlace>(reader, 'the reader')
  if (name === 'plain') {
    // Allows a second write while one is pending, as the transport does.
    const options = {
      port: where.port,
      host: '127.0.0.1',
      noDelay: true,
      writableHighWaterMark: 262_144
    }
    const socket = connect(options)
    await once(socket, 'connect')
    return {
      name,
      reader,
      write: (load) => writePlain(socket, load),
      stop: async () => {
        socket.destroy()
        reader.kill()
      }
    }
  }
  const transport = tcpTransport()
  await transport.start(
    {
      receive: () => {},
      fail: (error) => {
        throw error
      },
      lost: () => {}
    },
    { protocol: PROTOCOL }
  )
  const { signal } = new AbortController()
  const write = async ({ frames, frameBytes }: Load): Promise<void> => {
    const frame = new Uint8Array(frameBytes)
    // Keeps as many frames under way as the queue of a connection accepts.
    const turn = Math.max(1, Math.min(1024, Math.floor(2 ** 20 / frameBytes)))
    let before: Promise<void> = Promise.resolve()
    for (let sent = 0; sent < frames;) {
      let last = before
      for (let n = 0; n < turn && sent < frames; n++, sent++)
        last = transport.send(where.address, frame, { signal })
      await before
      before = last
    }
    await before
  }
  return {
    name,
    reader,
    write,
    stop: async () => {
      await transport.stop()
      reader.kill()
    }
  }
}

async function runRound({ reader, write }: OpenPath, load: Load): Promise<Round> {
  reader.send({ frames: load.frames })
  const cpuBefore = cpuMicros()
  const startMs = performance.now()
  const done = messageOf<ReaderTime>(reader, 'the reader')
  await write(load)
  const { cpuMicros: readerMicros } = await done
  const seconds = (performance.now() - startMs) / 1000
  const cpuMicrosPerFrame = (cpuMicros() - cpuBefore + readerMicros) / load.frames
  return { framesPerSecond: load.frames / seconds, cpuMicrosPerFrame }
}

/** Writes in the fastest plain way: small frames are copied into writes of 64 KiB, large ones are written after their header. */
async function writePlain(socket: Socket, { frames, frameBytes }: Load): Promise<void> {
  const frame = Buffer.alloc(frameBytes)
  const perWrite = Math.max(1, Math.floor(65_536 / (frameBytes + 4)))
  for (let sent = 0; sent < frames; sent += perWrite) {
    const count = Math.min(perWrite, frames - sent)
    const flowing =
      frameBytes < 65_536 ? writeTogether(socket, frame, count) : writeAlone(socket, frame)
    if (!flowing) await once(socket, 'drain')
  }
}

function writeTogether(socket: Socket, frame: Buffer, count: number): boolean {
  const block = Buffer.allocUnsafe(count * (frame.length + 4))
  for (let n = 0, at = 0; n < count; n++, at += frame.length + 4) {
    block.writeUInt32BE(frame.length, at)
    block.set(frame, at + 4)
  }
  return socket.write(block)
}

function writeAlone(socket: Socket, frame: Buffer): boolean {
  const header = Buffer.allocUnsafe(4)
  header.writeUInt32BE(frame.length, 0)
  socket.cork()
  socket.write(header)
  const flowing = socket.write(frame)
  socket.uncork()
  return flowing
}

async function readerProcess(path: Path): Promise<void> {
  let left = 0
  let cpuBefore = cpuMicros()
  const onFrame = (_frame: Uint8Array): void => {
    if (--left > 0) return
    process.send!({ cpuMicros: cpuMicros() - cpuBefore })
  }
  process.on('message', ({ frames }: { frames: number }) => {
    left = frames
    cpuBefore = cpuMicros()
  })
  if (path === 'transport') {
    const transport = tcpTransport()
    const receiver = {
      receive: (_from: string, bytes: Uint8Array) => onFrame(bytes),
      fail: console.error,
      lost: () => {}
    }
    process.send!({ address: await transport.start(receiver, { protocol: PROTOCOL }), port: 0 })
  } else {
    const server = createServer({ noDelay: true, highWaterMark: 131_072 }, (socket) =>
      readPlain(socket, onFrame)
    )
    server.listen(0, '127.0.0.1', () => {
      process.send!({ address: '', port: (server.address() as { port: number }).port })
    })
  }
}

/** Parses length prefixes; the chunks of an incomplete frame are collected and joined once. */
function readPlain(socket: Socket, onFrame: (frame: Uint8Array) => void): void {
  let parts: Buffer[] = []
  let partBytes = 0
  let wantedBytes = 0
  socket.on('data', (chunk: Buffer) => {
    let data = chunk
    if (partBytes > 0) {
      parts.push(chunk)
      partBytes += chunk.length
      if (partBytes < wantedBytes) return
      data = Buffer.concat(parts, partBytes)
      parts = []
      partBytes = 0
    }
    let at = 0
    wantedBytes = 4
    while (data.length - at >= 4) {
      const end = at + 4 + data.readUInt32BE(at)
      wantedBytes = end - at
      if (end > data.length) break
      onFrame(data.subarray(at + 4, end))
      at = end
      wantedBytes = 4
    }
    if (at < data.length) {
      parts = [data.subarray(at)]
      partBytes = data.length - at
    }
  })
}

function print(load: Load, rounds: Record<Path, Round[]>, json: boolean): void {
  const middle = (path: Path, key: keyof Round): number =>
    median(rounds[path].map((round) => round[key]))
  const plain = middle('plain', 'framesPerSecond')
  const transport = middle('transport', 'framesPerSecond')
  const result = {
    benchmark: `transport-tcp ${load.name}`,
    plainFramesPerSecond: Math.round(plain),
    transportFramesPerSecond: Math.round(transport),
    plainMegabytesPerSecond: Math.round((plain * load.frameBytes) / 1e6),
    transportMegabytesPerSecond: Math.round((transport * load.frameBytes) / 1e6),
    plainCpuMicrosPerFrame: round2(middle('plain', 'cpuMicrosPerFrame')),
    transportCpuMicrosPerFrame: round2(middle('transport', 'cpuMicrosPerFrame')),
    ratio: round2(transport / plain)
  }
  const { row, name, goal, extreme } = load
  const claim: Claim = {
    row,
    what: `frames/s of ${name} over transport-tcp, of a plain socket's`,
    figure: transport / plain,
    better: 'more',
    goal,
    extreme
  }
  printClaim(claim, json)
  if (json) return console.log(JSON.stringify(result))
  console.log(
    `${load.name}: ${result.transportFramesPerSecond} frames/s, ${result.transportMegabytesPerSecond} MB/s, ` +
      `${result.transportCpuMicrosPerFrame} us CPU per frame; plain sockets ${result.plainFramesPerSecond} frames/s, ` +
      `${result.plainMegabytesPerSecond} MB/s, ${result.plainCpuMicrosPerFrame} us; ratio ${result.ratio}`
  )
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
