/** The contract of the Storage port as a list of test cases. */

import { digestOf } from '@rumormill/protocol'
import {
  createRng,
  GossipError,
  type PersistedState,
  type Rng,
  type Storage,
  type StorageChange
} from '@rumormill/protocol/plugin'
import { memoryStorage, memoryDisk } from '../memory/memory-storage.ts'
import type { ConformanceCase } from './case.ts'
import { check } from './checks.ts'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'
import { randomChanges, sampleUpdate } from './storage-samples.ts'

/** Opens storage of one place; is called repeatedly. */
export type OpenStorage = () => Storage | Promise<Storage>

/** The differences between storage plugins. */
export interface StorageConformanceOptions extends PatienceOptions {
  /** The seed of the random changes. Default 1. */
  readonly seed?: number
}

interface StorageTrial {
  readonly open: OpenStorage
  readonly rng: Rng
  readonly inTime: Patience['inTime']
}

/** Returns the cases that every storage must pass. `create` is called for each case, and returns a function that opens an empty place. */
export function storageConformance(
  create: () => OpenStorage | Promise<OpenStorage>,
  options: StorageConformanceOptions = {}
): readonly ConformanceCase[] {
  const { inTime } = createPatience(options)
  const cases: Record<string, (trial: StorageTrial) => Promise<void>> = {
    'is empty at first': isEmpty,
    'returns kept updates, in order': (trial) =>
      keeps(trial, [kept(1), kept(2, true), kept(3), peers('a', 'b')]),
    'moves an update that is kept again to the end': (trial) =>
      keeps(trial, [kept(1), kept(2), kept(3), kept(1, true)]),
    'marks handled updates without moving them': (trial) =>
      keeps(trial, [kept(1), kept(2), { kind: 'handled', digest: digest(1) }]),
    drops: (trial) => keeps(trial, [kept(1), kept(2), { kind: 'drop', digest: digest(1) }]),
    'clears the mark of an update that was dropped and kept again': (trial) =>
      keeps(trial, [
        kept(1),
        { kind: 'handled', digest: digest(1) },
        { kind: 'drop', digest: digest(1) },
        kept(1)
      ]),
    'remembers seen digests in order, and forgets them': (trial) =>
      keeps(trial, [
        remember(1),
        remember(2),
        remember(3),
        remember(1),
        { kind: 'forget', digest: digest(2) }
      ]),
    'remembers a kept digest': (trial) => keeps(trial, [kept(1), remember(1), kept(2)]),
    'ignores unknown digests': (trial) =>
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
    'continues with the state of an earlier life': goesOn,
    'applies random batches': doesWhatTheySay,
    'never changes a state that it returned': givesStateAway,
    'has one writer': hasOneWriter,
    'can be closed before it is opened, and twice': closesTwice,
    'closes after a pending write': closesAfterWrite,
    'rejects calls after close': rejectsAfterClose
  }
  return Object.entries(cases).map(([name, body]) => ({
    name,
    run: async () => body({ open: await create(), rng: createRng(options.seed ?? 1), inTime })
  }))
}

function kept(number: number, handled: boolean = false): StorageChange {
  return { kind: 'keep', update: { ...sampleUpdate(number), handled } }
}

function remember(number: number): StorageChange {
  return { kind: 'remember', digest: digest(number) }
}

function peers(...addresses: string[]): StorageChange {
  return { kind: 'peers', addresses }
}

function digest(number: number): string {
  return digestOf(sampleUpdate(number).content)
}

async function isEmpty(trial: StorageTrial): Promise<void> {
  await session(trial, [], { updates: [], seen: [], peers: [], damaged: 0 })
  await session(trial, [], { updates: [], seen: [], peers: [], damaged: 0 })
}

/** Writes the changes in one batch, and in a batch each, and expects the same state. */
async function keeps(trial: StorageTrial, changes: readonly StorageChange[]): Promise<void> {
  await session(trial, changes.length > 100 ? [changes] : changes.map((change) => [change]))
  await session(trial, [changes], await expected([changes]))
  await session(trial, [], await expected([changes, changes]))
}

async function goesOn(trial: StorageTrial): Promise<void> {
  const batches: StorageChange[][] = [
    [kept(1), remember(9)],
    [kept(2), remember(8)],
    [kept(3), remember(7)]
  ]
  for (const [index, batch] of batches.entries())
    await session(trial, [batch], await expected(batches.slice(0, index)))
  await session(trial, [], await expected(batches))
}

async function doesWhatTheySay(trial: StorageTrial): Promise<void> {
  const done: StorageChange[][] = []
  for (let life = 0; life < 10; life++) {
    const before = await expected(done)
    const batches = Array.from({ length: 1 + trial.rng.below(8) }, () => randomChanges(trial.rng))
    await session(trial, batches, before)
    done.push(...batches)
  }
  await session(trial, [], await expected(done))
}

async function givesStateAway(trial: StorageTrial): Promise<void> {
  await session(trial, [[kept(1), remember(2), peers('a')]])
  const storage = await trial.open()
  const state = await trial.inTime('load', storage.load())
  for (const { content } of state.updates) content.fill(0)
  await trial.inTime('close', storage.close())
  await session(trial, [], await expected([[kept(1), remember(2), peers('a')]]))
}

async function hasOneWriter(trial: StorageTrial): Promise<void> {
  const storage = await trial.open()
  await trial.inTime('load', storage.load())
  const second = await trial.open()
  await rejects(
    trial,
    second.load(),
    'load of a place that another storage has open',
    'STORAGE_FAILED'
  )
  await trial.inTime('close', second.close())
  await trial.inTime('write', storage.write([kept(1)]))
  await trial.inTime('close', storage.close())
  await session(trial, [], await expected([[kept(1)]]))
}

async function closesTwice(trial: StorageTrial): Promise<void> {
  const storage = await trial.open()
  await trial.inTime('close', storage.close())
  await trial.inTime('close', storage.close())
  const again = await trial.open()
  await trial.inTime('load', again.load())
  await trial.inTime('close', Promise.all([again.close(), again.close()]))
  await trial.inTime('close', again.close())
  await session(trial, [])
}

async function closesAfterWrite(trial: StorageTrial): Promise<void> {
  const storage = await trial.open()
  await trial.inTime('load', storage.load())
  const changes = Array.from({ length: 500 }, (_, n) => kept(n))
  await trial.inTime('write and close', Promise.all([storage.write(changes), storage.close()]))
  await session(trial, [], await expected([changes]))
}

async function rejectsAfterClose(trial: StorageTrial): Promise<void> {
  const storage = await trial.open()
  await trial.inTime('load', storage.load())
  await trial.inTime('close', storage.close())
  await rejects(trial, storage.write([kept(1)]), 'write after close')
  await rejects(trial, storage.load(), 'load after close')
  await session(trial, [], await expected([]))
}

/** Opens the storage, checks the state if one is expected, writes, and closes. */
async function session(
  trial: StorageTrial,
  batches: readonly (readonly StorageChange[])[],
  state?: PersistedState
): Promise<void> {
  const storage = await trial.open()
  const found = await trial.inTime('load', storage.load())
  if (state !== undefined) compare(found, state)
  for (const batch of batches) await trial.inTime('write', storage.write(batch))
  await trial.inTime('close', storage.close())
}

/** Returns the state after the batches, by the memory storage, which is simple enough to be the reference. */
async function expected(batches: readonly (readonly StorageChange[])[]): Promise<PersistedState> {
  const disk = memoryDisk()
  const twin = memoryStorage(disk)
  await twin.load()
  for (const batch of batches) await twin.write(batch)
  await twin.close()
  return disk.state
}

function compare(found: PersistedState, state: PersistedState): void {
  const [have, want] = [shown(found), shown(state)]
  check(
    have === want,
    `load gave ${have.slice(0, 2000)}, but what was written is ${want.slice(0, 2000)}`
  )
}

function shown({ updates, seen, peers: addresses, damaged }: PersistedState): string {
  const lines = updates.map(({ digest: name, content, submittedAtMs, handled }) => {
    check(content instanceof Uint8Array, `the content of ${name} is no Uint8Array`)
    return [name.slice(0, 8), digestOf(content).slice(0, 8), submittedAtMs, handled]
  })
  return JSON.stringify({
    updates: lines,
    seen: seen.map((name) => name.slice(0, 8)),
    peers: addresses,
    damaged
  })
}

async function rejects(
  trial: StorageTrial,
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
