/** The part of the transport suite about messages between running peers. Duplicates and any order are allowed. */

import { isAddress } from '@rumormill/protocol/plugin'
import { check, equalBytes } from './checks.ts'
import {
  allTaken,
  checkAlive,
  checkCode,
  checkHeardOnly,
  heardBy,
  numbered,
  numberOf,
  patterned,
  sendTaken
} from './transport-checks.ts'
import type { TransportCase, TransportTrial, TrialNode } from './transport-trial.ts'

/** Returns the cases, without those that need unsupported features. */
export function messageCases(has: { readonly authenticated: boolean }): TransportCase[] {
  return [
    { name: 'starts at its own address, to which others can send', body: startsSomewhere },
    { name: 'names a sender that can be answered', body: namesSender },
    { name: 'answers from the address that was asked', body: answersFromWhereAsked },
    { name: 'carries messages from one byte to the longest', body: carriesAllLengths },
    { name: 'refuses a message that is too long', body: refusesTooLong },
    { name: 'changes no byte', body: changesNoByte },
    { name: 'keeps the boundaries of messages', body: keepsBoundaries },
    { name: 'gives each receiver bytes of its own', body: givesBytesAway },
    { name: 'delivers a thousand messages', body: deliversMany },
    { name: 'carries messages both ways at once', body: carriesBothWays },
    { name: 'serves several peers at once, and distinguishes them', body: servesSeveral },
    { name: 'survives a receiver that throws', body: outlivesThrower },
    { name: 'never calls receive from inside send', body: neverReceivesInsideSend },
    ...(has.authenticated
      ? [{ name: 'names each sender by the address it started at', body: namesExactly }]
      : [])
  ]
}

/** The longest message that is tested. */
const LONGEST_TRIED_BYTES = 16 * 1024 * 1024

async function startsSomewhere(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  for (const { address, transport } of [a, b]) {
    check(
      isAddress(address),
      `start resolved with ${JSON.stringify(address)}, which cannot stand in a view`
    )
    const { maxMessageBytes } = transport
    check(
      Number.isInteger(maxMessageBytes) && maxMessageBytes > 0,
      `maxMessageBytes is ${maxMessageBytes}`
    )
  }
  check(a.address !== b.address, `two transports started at ${a.address}`)
  await sendTaken(trial, a, b.address, patterned(10, 1))
  await heardBy(trial, b, patterned(10, 1))
  await sendTaken(trial, b, a.address, patterned(10, 2))
  await heardBy(trial, a, patterned(10, 2))
}

async function namesSender(trial: TransportTrial): Promise<void> {
  const [a, b, bystander] = [await trial.node(), await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  await checkAlive(trial, b, a, patterned(10, 2))
  check(bystander.heard.length === 0, 'an answer went to a peer that had asked nothing')
}

/** A node matches answers by address; an answer from another address is unsolicited, and is dropped. */
async function answersFromWhereAsked(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  const { from } = await heardBy(trial, a, Uint8Array.of(...patterned(10, 1), 0xaa))
  check(from === b.address, `${b.address} was asked, and ${from} answered`)
}

async function carriesAllLengths(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const longest = Math.min(a.transport.maxMessageBytes, LONGEST_TRIED_BYTES)
  const lengths = [1, 2, 127, 128, 256, 65_535, 65_536, longest - 1, longest]
  for (const length of new Set(lengths.filter((each) => each > 0 && each <= longest))) {
    await sendTaken(trial, a, b.address, patterned(length, 3))
    await heardBy(trial, b, patterned(length, 3))
  }
}

async function refusesTooLong(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const { maxMessageBytes } = a.transport
  const sending = a.send(b.address, new Uint8Array(maxMessageBytes + 1))
  checkCode('one byte too many', await trial.inTime('a send', sending), 'MESSAGE_TOO_LARGE')
  await checkAlive(trial, a, b, patterned(10, 1))
  checkHeardOnly(b, 'a part of a refused message arrived', patterned(10, 1))
}

async function changesNoByte(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const everyByte = Uint8Array.from({ length: 512 }, (_, index) =>
    index < 256 ? index : 511 - index
  )
  const notText = Uint8Array.of(
    0xff,
    0xfe,
    0xc0,
    0x80,
    0xed,
    0xa0,
    0x80,
    0x00,
    0x0d,
    0x0a,
    0x0a,
    0x1a
  )
  const zeros = new Uint8Array(100)
  const larger = new Uint8Array(64).fill(0xee)
  const inside = larger.subarray(7, 20)
  inside.set(patterned(13, 5))
  for (const bytes of [everyByte, notText, zeros, inside]) {
    const copy = bytes.slice()
    await sendTaken(trial, a, b.address, bytes)
    await heardBy(trial, b, copy)
    check(equalBytes(bytes, copy), 'the transport has changed bytes that it was given')
  }
}

async function keepsBoundaries(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const lengths = Array.from({ length: 60 }, (_, index) => 1 + ((index * 37) % 900))
  const sendings = lengths.map((length, index) => a.send(b.address, patterned(length, index)))
  await allTaken(trial, 'sixty sends', sendings)
  for (const [index, length] of lengths.entries()) await heardBy(trial, b, patterned(length, index))
  const wasSent = (bytes: Uint8Array): boolean =>
    lengths.some((length, index) => equalBytes(bytes, patterned(length, index)))
  const stray = b.heard.find(({ bytes }) => !wasSent(bytes))
  check(
    stray === undefined,
    `a message of ${stray?.bytes.length} bytes arrived that nobody has sent`
  )
}

/** The receiver overwrites every other message at once; the rest are kept, and must not change. */
async function givesBytesAway(trial: TransportTrial): Promise<void> {
  const received: {
    readonly bytes: Uint8Array
    readonly came: Uint8Array
    readonly left: Uint8Array
  }[] = []
  const overwrite = (_from: string, bytes: Uint8Array): void => {
    const came = bytes.slice()
    if (bytes[0]! % 2 === 0) bytes.fill(0xff)
    received.push({ bytes, came, left: bytes.slice() })
  }
  const a = await trial.node()
  const [b, c] = [
    await trial.node({ receive: overwrite }),
    await trial.node({ receive: overwrite })
  ]
  // As a codec does that allocates its messages from one buffer.
  const memory = new Uint8Array(40 * 50)
  const sendings = Array.from({ length: 40 }, (_, index) => {
    const bytes = memory.subarray(50 * index, 50 * index + 50)
    bytes.set(patterned(50, index))
    return a.send(index % 4 < 2 ? b.address : c.address, bytes)
  })
  await allTaken(trial, 'forty sends', sendings)
  for (let index = 0; index < 40; index++) {
    const arrived = (): boolean =>
      received.some(({ came }) => equalBytes(came, patterned(50, index)))
    await trial.until(
      `message ${index} did not arrive as it was sent, while receivers wrote to others`,
      arrived
    )
  }
  await trial.quiet()
  check(
    received.every(({ bytes, left }) => equalBytes(bytes, left)),
    'a message changed after it was received'
  )
}

async function deliversMany(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const count = 1000
  for (let sent = 0; sent < count; sent += IN_FLIGHT) {
    const wave = Array.from({ length: Math.min(IN_FLIGHT, count - sent) }, (_, index) =>
      numbered(sent + index)
    )
    await allTaken(
      trial,
      'a thousand sends',
      wave.map((bytes) => a.send(b.address, bytes))
    )
  }
  const arrived = (): Set<number | undefined> =>
    new Set(b.heard.map(({ bytes }) => numberOf(bytes)))
  await trial.until('not all of a thousand messages arrived', () => arrived().size >= count)
  const strange = [...arrived()].some((number) => number === undefined || number >= count)
  check(!strange, 'something arrived that nobody has sent')
}

/** The number of messages that the service sends to one peer at once. */
const IN_FLIGHT = 64

/** Sends in both directions; both sides may open a connection at the same moment. */
async function carriesBothWays(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const seeds = Array.from({ length: IN_FLIGHT }, (_, index) => index)
  const sendings = seeds.flatMap((seed) => [
    a.send(b.address, patterned(100, seed)),
    b.send(a.address, patterned(100, seed))
  ])
  await allTaken(trial, 'sends both ways', sendings)
  for (const node of [a, b])
    for (const seed of seeds) await heardBy(trial, node, patterned(100, seed))
}

async function servesSeveral(trial: TransportTrial): Promise<void> {
  const nodes: TrialNode[] = []
  for (let index = 0; index < 5; index++) nodes.push(await trial.node())
  const sendings = nodes.flatMap((sender, from) =>
    nodes
      .filter((each) => each !== sender)
      .flatMap((receiver) =>
        Array.from({ length: 10 }, (_, number) =>
          sender.send(receiver.address, numbered(100 * from + number))
        )
      )
  )
  await allTaken(trial, 'sends among five peers', sendings)
  for (const receiver of nodes) {
    const distinct = (): number => new Set(receiver.heard.map(({ bytes }) => numberOf(bytes))).size
    await trial.until('not all messages of several peers arrived', () => distinct() >= 40)
    const senders = new Map<string, number>()
    for (const { from, bytes } of receiver.heard) {
      const number = Math.floor(numberOf(bytes)! / 100)
      const previous = senders.get(from) ?? number
      check(previous === number, `${from} stands for two peers`)
      senders.set(from, number)
    }
    check(senders.size === 4, `four peers sent, under ${senders.size} names`)
  }
}

async function outlivesThrower(trial: TransportTrial): Promise<void> {
  const rude = (): void => {
    throw new Error('this receiver always throws')
  }
  const [a, b, thrower] = [
    await trial.node(),
    await trial.node(),
    await trial.node({ receive: rude })
  ]
  for (let index = 0; index < 3; index++) {
    await sendTaken(trial, a, thrower.address, patterned(10, index))
    await heardBy(trial, thrower, patterned(10, index))
  }
  await checkAlive(trial, a, b, patterned(10, 1))
  await sendTaken(trial, thrower, a.address, patterned(10, 9))
  await heardBy(trial, a, patterned(10, 9))
}

/** Every trial checks this; here peers answer at once, on new and existing connections. */
async function neverReceivesInsideSend(trial: TransportTrial): Promise<void> {
  const b: TrialNode = await trial.node({
    receive: (from, bytes) => void b.send(from, Uint8Array.of(...bytes, 1))
  })
  const a = await trial.node()
  for (let index = 0; index < 3; index++) {
    await sendTaken(trial, a, b.address, patterned(10, index))
    await heardBy(trial, a, Uint8Array.of(...patterned(10, index), 1))
  }
}

async function namesExactly(trial: TransportTrial): Promise<void> {
  const target = await trial.node()
  for (let index = 0; index < 3; index++) {
    const sender = await trial.node()
    await sendTaken(trial, sender, target.address, patterned(10, index))
    const { from } = await heardBy(trial, target, patterned(10, index))
    check(from === sender.address, `a message of ${sender.address} came from ${from}`)
  }
}
