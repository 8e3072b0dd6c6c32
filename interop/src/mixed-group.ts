/** As many nodes of either kind, and the book of what must reach whom. */

import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  createRng,
  digestOf,
  type Expiration,
  type Rng,
  type UpdateStatus
} from '@rumormill/protocol'
import { crateMember, rumormillMember } from './member-process.ts'
import { HOST, type Member } from './member.ts'

const KINDS = ['crate', 'rumormill'] as const
const MAKE = { crate: crateMember, rumormill: rumormillMember } as const

/** An update that its member has accepted. */
export interface Accepted {
  readonly digest: string
  readonly content: Uint8Array
  readonly by: Member
}

/** What came of the updates that one side has accepted at the members of the other. */
export interface Tally {
  readonly from: Member['kind']
  readonly to: Member['kind']
  readonly expected: number
  readonly delivered: number
  readonly duplicates: number
}

export class MixedGroup {
  readonly #members: Member[] = []
  readonly #accepted: Accepted[] = []
  readonly #rng: Rng
  readonly #expiration: Expiration
  #made = 0
  #refused = 0

  private constructor(expiration: Expiration, seed: number) {
    this.#expiration = expiration
    this.#rng = createRng(seed)
  }

  /** `each` nodes of either kind; they know the first of both. */
  static async start(each: number, expiration: Expiration, seed: number): Promise<MixedGroup> {
    const group = new MixedGroup(expiration, seed)
    const ports = await freePorts(KINDS.length * each)
    const known = ports.splice(0, KINDS.length)
    for (const kind of KINDS) group.#members.push(await group.#make(kind, known.shift()!))
    const others = ports.map((port, n) => group.#make(KINDS[n % KINDS.length]!, port))
    group.#members.push(...(await Promise.all(others)))
    return group
  }

  /** New updates that a member did not accept, as it should have. */
  get refused(): number {
    return this.#refused
  }

  /**
   * So many updates by either side in turns, of `minBytes` to `maxBytes`, text and binary, evenly over the orders of size.
   * Resolves with those that were accepted.
   */
  async submit(
    eachSide: number,
    minBytes: number,
    maxBytes: number,
    gapMs: number
  ): Promise<readonly Accepted[]> {
    const submissions: Promise<Accepted | undefined>[] = []
    for (let n = 0; n < eachSide; n++) {
      for (const kind of KINDS) {
        const members = this.#members.filter((member) => member.kind === kind)
        const bytes = Math.floor(minBytes * (maxBytes / minBytes) ** this.#rng.fraction())
        submissions.push(
          this.#submit(members[n % members.length]!, this.#content(bytes, n % 2 === 0))
        )
      }
      if (gapMs > 0) await delay(gapMs)
    }
    return (await Promise.all(submissions)).filter((each) => each !== undefined)
  }

  /** Submits contents of before once more, each to a member of either kind; returns how many were accepted. */
  async resubmit(updates: readonly Accepted[]): Promise<number> {
    const answers = updates.flatMap(({ content }, n) =>
      KINDS.map((kind) => {
        const members = this.#members.filter((member) => member.kind === kind)
        return members[n % members.length]!.submit(content)
      })
    )
    return (await Promise.all(answers)).filter(Boolean).length
  }

  /** Of `updates`, seen at every member of `kind`: how many are what `status` says. */
  async countStatus(
    kind: Member['kind'],
    updates: readonly Accepted[],
    status: UpdateStatus
  ): Promise<number> {
    const members = this.#members.filter((member) => member.kind === kind)
    const answers = await Promise.all(
      members.flatMap((member) => updates.map(({ content }) => member.status(content)))
    )
    return answers.filter((each) => each === status).length
  }

  /** How many members of `kind` there are. */
  size(kind: Member['kind']): number {
    return this.#members.filter((member) => member.kind === kind).length
  }

  /** Kills the last member of `kind` and starts another at its address, which must get all that is active. */
  async restart(kind: Member['kind'], downMs: number): Promise<void> {
    const member = this.#members.findLast((each) => each.kind === kind)!
    await member.kill()
    this.#members.splice(this.#members.indexOf(member), 1)
    await delay(downMs)
    this.#members.push(await this.#make(kind, Number(member.address.split(':')[1])))
  }

  /** Waits until nothing is missing any more, or `limitMs`; returns how long that took, or Infinity. */
  async settle(limitMs: number): Promise<number> {
    const beganMs = performance.now()
    while (performance.now() - beganMs < limitMs) {
      if (this.tally().every(({ expected, delivered }) => delivered === expected))
        return performance.now() - beganMs
      await delay(20)
    }
    return Infinity
  }

  tally(): Tally[] {
    return KINDS.flatMap((from) =>
      KINDS.map((to) => {
        let [expected, delivered, duplicates] = [0, 0, 0]
        for (const member of this.#members.filter(({ kind }) => kind === to)) {
          for (const { digest, by } of this.#accepted) {
            // A restarted node is given its own updates of before as those of others.
            if (by.kind !== from || by === member) continue
            const times = member.delivered.get(digest) ?? 0
            expected++
            delivered += Math.min(1, times)
            duplicates += Math.max(0, times - 1)
          }
        }
        return { from, to, expected, delivered, duplicates }
      })
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()))
  }

  async #submit(by: Member, content: Uint8Array): Promise<Accepted | undefined> {
    if (!(await by.submit(content))) {
      this.#refused++
      return undefined
    }
    const accepted = { digest: digestOf(content), content, by }
    this.#accepted.push(accepted)
    return accepted
  }

  #make(kind: Member['kind'], port: number): Promise<Member> {
    const contacts = this.#members.slice(0, KINDS.length).map(({ address }) => address)
    return MAKE[kind]({ port, contacts, expiration: this.#expiration })
  }

  /** Never the same twice: short ones count, long ones begin with a count. */
  #content(bytes: number, isText: boolean): Uint8Array {
    const count = this.#made++
    const mark = isText
      ? Buffer.from(`update ${count} `)
      : Uint8Array.of(count >> 16, count >> 8, count)
    const content = new Uint8Array(Math.max(bytes, mark.length))
    for (let at = 0; at < content.length; at++)
      content[at] = isText ? 97 + this.#rng.below(26) : this.#rng.below(256)
    content.set(mark)
    return bytes < 2 && count < 256 ? Uint8Array.of(count) : content
  }
}

/** So many that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers)
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports
}
