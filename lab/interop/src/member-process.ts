/** Members in their own processes: nodes of the crate, and of rumormill in three configurations. */

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { hasEnded, kill } from '@rumormill/harness/child-process'
import type { Expiration, UpdateStatus } from '@rumormill/protocol'
import { wordOf } from './expiration-word.ts'
import { HOST, ROUND_MS, SAMPLING_MS, type Member } from './member.ts'

/** The configuration of a node: the protocol of the crate, or TCP and binary with broadcast (`lan`) or without (`rounds`). */
export type Manner = 'crate' | 'lan' | 'rounds'

export interface MemberOptions {
  readonly port: number
  /** Addresses to contact first. */
  readonly contacts: readonly string[]
  readonly expiration: Expiration
}

interface Line {
  readonly event: 'started' | 'delivery' | 'reached' | 'answer'
  readonly digest?: string
  readonly accepted?: boolean | number
  readonly status?: UpdateStatus
  readonly delivered?: number
  readonly misunderstood?: true
}

const CRATE_NODE = fileURLToPath(
  new URL('../crate-node/target/release/crate-node', import.meta.url)
)
const RUMORMILL_NODE = fileURLToPath(new URL('rumormill-node.js', import.meta.url))

/** Starts a node of the crate. Its port must be free, because the crate does not report a taken one. */
export function crateMember(options: MemberOptions): Promise<Member> {
  return member('crate', options, CRATE_NODE, [])
}

export function rumormillMember(options: MemberOptions, manner: Manner = 'crate'): Promise<Member> {
  return member('rumormill', options, process.execPath, [RUMORMILL_NODE, manner])
}

async function member(
  kind: Member['kind'],
  { port, contacts, expiration }: MemberOptions,
  command: string,
  before: readonly string[]
): Promise<Member> {
  const address = `${HOST}:${port}`
  const args = [
    ...before,
    address,
    String(ROUND_MS),
    String(SAMPLING_MS),
    wordOf(expiration),
    ...contacts
  ]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const delivered = new Map<string, number>()
  let onReached = (): void => {}
  const reached = new Promise<void>((resolve) => (onReached = resolve))
  const ask = await started(child, address, ({ event, digest }) => {
    if (event === 'reached') onReached()
    else delivered.set(digest!, (delivered.get(digest!) ?? 0) + 1)
  })
  const hex = (content: Uint8Array): string => Buffer.from(content).toString('hex')
  return {
    kind,
    address,
    delivered,
    pid: child.pid!,
    submit: async (content) => (await ask(`submit ${hex(content)}`)).accepted === true,
    status: async (content) => (await ask(`status ${hex(content)}`)).status!,
    submitMany: async (...numbers) => Number((await ask(`many ${numbers.join(' ')}`)).accepted),
    silence: async (count) => {
      await ask(`silent ${count}`)
      return { reached }
    },
    count: async () => (await ask('count')).delivered!,
    kill: () => kill(child)
  }
}

/** Resolves once the node runs, with a function that sends a command and resolves with the answer. */
async function started(
  child: ChildProcessByStdio<Writable, Readable, null>,
  address: string,
  onEvent: (line: Line) => void
): Promise<(command: string) => Promise<Line>> {
  const pendingCalls: { resolve(line: Line): void; reject(error: Error): void }[] = []
  const ended = (): Error => new Error(`the node at ${address} has ended`)
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => {
      reject(ended())
      for (const each of pendingCalls.splice(0)) each.reject(ended())
    })
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line
      if (line.event === 'started') resolve()
      else if (line.event !== 'answer') onEvent(line)
      else if (line.misunderstood === true)
        pendingCalls
          .shift()
          ?.reject(new Error(`the node at ${address} did not understand a command`))
      else pendingCalls.shift()?.resolve(line)
    })
  })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  return (command) =>
    new Promise((resolve, reject) => {
      if (hasEnded(child)) return reject(ended())
      pendingCalls.push({ resolve, reject })
      child.stdin.write(`${command}\n`)
    })
}
