import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Expiration } from '@rumormill/protocol'
import { HOST, ROUND_MS, SAMPLING_MS, type Member, type MemberOptions } from './member.ts'

const binary = fileURLToPath(new URL('../crate-node/target/release/crate-node', import.meta.url))

interface Line {
  readonly event: 'started' | 'delivery' | 'submitted' | 'not-understood'
  readonly digest?: string
  readonly accepted?: boolean
}

/** A process that runs one node of the crate. Its port must be free: the crate does not say when it is not. */
export async function crateMember({ port, contacts, expiration }: MemberOptions): Promise<Member> {
  const address = `${HOST}:${port}`
  const args = [address, String(ROUND_MS), String(SAMPLING_MS), wordOf(expiration), ...contacts]
  const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const delivered = new Map<string, number>()
  let refused: string | undefined
  const started = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`the crate's node at ${address} ended`)))
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Line
      if (line.event === 'started') resolve()
      else if (line.event === 'delivery') delivered.set(line.digest!, (delivered.get(line.digest!) ?? 0) + 1)
      else if (line.accepted !== true) refused = text
    })
  })
  await started
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  return {
    kind: 'crate', address, delivered, pid: child.pid!,
    submit: (content) => {
      if (refused !== undefined) throw new Error(`the crate did not accept an update: ${refused}`)
      child.stdin.write(`submit ${Buffer.from(content).toString('hex')}\n`)
    },
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

function wordOf(expiration: Expiration): string {
  switch (expiration.mode) {
    case 'none':
      return 'none'
    case 'duration':
      return `duration:${expiration.ms}`
    case 'pushCount':
      return `pushes:${expiration.count}`
    case 'mostRecent':
      return `recent:${expiration.count}:${expiration.margin}`
  }
}
