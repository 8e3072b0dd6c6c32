/** The promises of the Archive port as a list of cases, for whoever writes one. */

import {
  createRng,
  digestOf,
  GossipError,
  type Archive,
  type ArchiveChange,
  type ArchivedState,
  type Rng
} from '@rumormill/protocol'
import { randomChanges, sampleUpdate } from './archive-samples.ts'
import type { ConformanceCase } from './conformance.ts'
import { memoryArchive, memoryDisk } from './memory-archive.ts'
import { check } from './message-checks.ts'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'

/** Opens, again and again, archives of one place. */
export type OpenArchive = () => Archive | Promise<Archive>

/** What differs between archives. */
export interface ArchiveConformanceOptions extends PatienceOptions {
  /** Decides the random changes. Default 1. */
  readonly seed?: number
}

interface ArchiveTrial {
  readonly open: OpenArchive
  readonly rng: Rng
  readonly inTime: Patience['inTime']
}

/** The cases that every archive must pass. `create` is called anew for each case, and gives a way to an empty place. */
export function archiveConformance(
  create: () => OpenArchive | Promise<OpenArchive>,
  options: ArchiveConformanceOptions = {}
): readonly ConformanceCase[] {
  const { inTime } = createPatience(options)
  const cases: Record<string, (trial: ArchiveTrial) => Promise<void>> = {
    'is empty at first': isEmpty,
    'gives back what was kept, in order': (trial) =>
      keeps(trial, [kept(1), kept(2, true), kept(3), peers('a', 'b')]),
    'keeps again as the last': (trial) => keeps(trial, [kept(1), kept(2), kept(3), kept(1, true)]),
    'marks what was handled in its place': (trial) =>
      keeps(trial, [kept(1), kept(2), { kind: 'handled', digest: digest(1) }]),
    drops: (trial) => keeps(trial, [kept(1), kept(2), { kind: 'drop', digest: digest(1) }]),
    'forgets the mark of what was dropped and kept anew': (trial) =>
      keeps(trial, [
        kept(1),
        { kind: 'handled', digest: digest(1) },
        { kind: 'drop', digest: digest(1) },
        kept(1)
      ]),
    'remembers in order, and forgets': (trial) =>
      keeps(trial, [
        remember(1),
        remember(2),
        remember(3),
        remember(1),
        { kind: 'forget', digest: digest(2) }
      ]),
    'remembers what it keeps': (trial) => keeps(trial, [kept(1), remember(1), kept(2)]),
    'passes over digests that are not there': (trial) =>
      keeps(trial, [
        kept(1),
        { kind: 'handled', digest: digest(2) },
        { kind: 'drop', digest: digest(3) },
        { kind: 'forget', digest: digest(4) }
      ]),
    'replaces the list of peers': (trial) =>
      keeps(trial, [peers('a', 'b', 'c'), peers('d'), peers('grüß', 'e')]),
    'takes an empty batch': (trial) => keeps(trial, []),
    'takes a large content': (trial) =>
      keeps(trial, [{ kind: 'keep', update: sampleUpdate(1, 512 * 1024) }]),
    'takes a large batch': (trial) =>
      keeps(
        trial,
        Array.from({ length: 3000 }, (_, n) => kept(n))
      ),
    'goes on where an earlier life has ended': goesOn,
    'does what any batches say': doesWhatTheySay,
    'gives its state away for good': givesStateAway,
    'has one writer': hasOneWriter,
    'closes before it is opened, and twice': closesTwice,
    'closes after the write under way': closesAfterWrite,
    'rejects what comes after close': rejectsAfterClose
  }
  return Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => body({ open: await create(), rng: createRng(options.seed ?? 1), inTime })
  }))
}

function kept(number: number, handled: boolean = false): ArchiveChange {
  return { kind: 'keep', update: { ...sampleUpdate(number), handled } }
}

function remember(number: number): ArchiveChange {
  return { kind: 'remember', digest: digest(number) }
}

function peers(...addresses: string[]): ArchiveChange {
  return { kind: 'peers', addresses }
}

function digest(number: number): string {
  return digestOf(sampleUpdate(number).content)
}

async function isEmpty(trial: ArchiveTrial): Promise<void> {
  await session(trial, [], { updates: [], remembered: [], peers: [], damaged: 0 })
  await session(trial, [], { updates: [], remembered: [], peers: [], damaged: 0 })
}

/** In one batch, and in a batch each: the same state. */
async function keeps(trial: ArchiveTrial, changes: readonly ArchiveChange[]): Promise<void> {
  await session(trial, changes.length > 100 ? [changes] : changes.map((change) => [change]))
  await session(trial, [changes], await expected([changes]))
  await session(trial, [], await expected([changes, changes]))
}

async function goesOn(trial: ArchiveTrial): Promise<void> {
  const batches: ArchiveChange[][] = [
    [kept(1), remember(9)],
    [kept(2), remember(8)],
    [kept(3), remember(7)]
  ]
  for (const [index, batch] of batches.entries())
    await session(trial, [batch], await expected(batches.slice(0, index)))
  await session(trial, [], await expected(batches))
}

async function doesWhatTheySay(trial: ArchiveTrial): Promise<void> {
  const done: ArchiveChange[][] = []
  for (let life = 0; life < 10; life++) {
    const before = await expected(done)
    const batches = Array.from({ length: 1 + trial.rng.below(8) }, () => randomChanges(trial.rng))
    await session(trial, batches, before)
    done.push(...batches)
  }
  await session(trial, [], await expected(done))
}

async function givesStateAway(trial: ArchiveTrial): Promise<void> {
  await session(trial, [[kept(1), remember(2), peers('a')]])
  const archive = await trial.open()
  const state = await trial.inTime('load', archive.load())
  for (const { content } of state.updates) content.fill(0)
  await trial.inTime('close', archive.close())
  await session(trial, [], await expected([[kept(1), remember(2), peers('a')]]))
}

async function hasOneWriter(trial: ArchiveTrial): Promise<void> {
  const archive = await trial.open()
  await trial.inTime('load', archive.load())
  const second = await trial.open()
  await rejects(
    trial,
    second.load(),
    'load of a place that another archive has open',
    'ARCHIVE_FAILED'
  )
  await trial.inTime('close', second.close())
  await trial.inTime('write', archive.write([kept(1)]))
  await trial.inTime('close', archive.close())
  await session(trial, [], await expected([[kept(1)]]))
}

async function closesTwice(trial: ArchiveTrial): Promise<void> {
  const archive = await trial.open()
  await trial.inTime('close', archive.close())
  await trial.inTime('close', archive.close())
  const again = await trial.open()
  await trial.inTime('load', again.load())
  await trial.inTime('close', Promise.all([again.close(), again.close()]))
  await trial.inTime('close', again.close())
  await session(trial, [])
}

async function closesAfterWrite(trial: ArchiveTrial): Promise<void> {
  const archive = await trial.open()
  await trial.inTime('load', archive.load())
  const changes = Array.from({ length: 500 }, (_, n) => kept(n))
  await trial.inTime('write and close', Promise.all([archive.write(changes), archive.close()]))
  await session(trial, [], await expected([changes]))
}

async function rejectsAfterClose(trial: ArchiveTrial): Promise<void> {
  const archive = await trial.open()
  await trial.inTime('load', archive.load())
  await trial.inTime('close', archive.close())
  await rejects(trial, archive.write([kept(1)]), 'write after close')
  await rejects(trial, archive.load(), 'load after close')
  await session(trial, [], await expected([]))
}

/** Opens, looks at the state if one is expected, writes, closes. */
async function session(
  trial: ArchiveTrial,
  batches: readonly (readonly ArchiveChange[])[],
  state?: ArchivedState
): Promise<void> {
  const archive = await trial.open()
  const found = await trial.inTime('load', archive.load())
  if (state !== undefined) compare(found, state)
  for (const batch of batches) await trial.inTime('write', archive.write(batch))
  await trial.inTime('close', archive.close())
}

/** What the memory archive, which is short enough to be believed, makes of it. */
async function expected(batches: readonly (readonly ArchiveChange[])[]): Promise<ArchivedState> {
  const disk = memoryDisk()
  const twin = memoryArchive(disk)
  await twin.load()
  for (const batch of batches) await twin.write(batch)
  await twin.close()
  return disk.state
}

function compare(found: ArchivedState, state: ArchivedState): void {
  const [have, want] = [shown(found), shown(state)]
  check(
    have === want,
    `load gave ${have.slice(0, 2000)}, but what was written is ${want.slice(0, 2000)}`
  )
}

function shown({ updates, remembered, peers: addresses, damaged }: ArchivedState): string {
  const lines = updates.map(({ digest: name, content, submittedAtMs, handled }) => {
    check(content instanceof Uint8Array, `the content of ${name} is no Uint8Array`)
    return [name.slice(0, 8), digestOf(content).slice(0, 8), submittedAtMs, handled]
  })
  return JSON.stringify({
    updates: lines,
    remembered: remembered.map((name) => name.slice(0, 8)),
    peers: addresses,
    damaged
  })
}

async function rejects(
  trial: ArchiveTrial,
  work: Promise<unknown>,
  what: string,
  code?: string
): Promise<void> {
  const outcome = await trial.inTime(
    what,
    work.then(
      () => undefined,
      (error: unknown) => ({ error })
    )
  )
  check(outcome !== undefined, `${what} did not reject`)
  const { error } = outcome
  const found = error instanceof GossipError ? error.code : String(error)
  check(
    code === undefined || found === code,
    `${what} rejected with ${found}, not with ${String(code)}`
  )
}
