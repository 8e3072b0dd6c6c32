/** A group with equally many nodes of both kinds, which counts the deliveries to each. */

import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@rumormill/harness/until'
import { digestOf, type Expiration, type UpdateStatus } from '@rumormill/protocol'
import { createRng, type Rng } from '@rumormill/protocol/plugin'
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

/** The deliveries of updates of one kind of members to members of a kind. */
export interface DeliveryCount {
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

  /** Starts `each` nodes of both kinds. The first of each kind are the contacts of all. */
  static async start(each: number, expiration: Expiration, seed: number): Promise<MixedGroup> {
    const group = new MixedGroup(expiration, seed)
    const ports = await freePorts(KINDS.length * each)
    const contactPorts = ports.splice(0, KINDS.length)
    for (const kind of KINDS) group.#members.push(await group.#make(kind, contactPorts.shift()!))
    const others = ports.map((port, n) => group.#make(KINDS[n % KINDS.length]!, port))
    group.#members.push(...(await Promise.all(others)))
    return group
  }

  /** The number of new updates that a member wrongly refused. */
  get refused(): number {
    return this.#refused
  }

  /**
   * Submits `eachSide` updates at each kind in turns, text and binary, with sizes from `minBytes` to `maxBytes` that are
   * evenly distributed on a logarithmic scale. Resolves with the accepted ones.
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

  /** Submits earlier contents again, each at one member of each kind; returns how many were accepted. */
  async resubmit(updates: readonly Accepted[]): Promise<number> {
    const answers = updates.flatMap(({ content }, n) =>
      KINDS.map((kind) => {
        const members = this.#members.filter((member) => member.kind === kind)
        return members[n % members.length]!.submit(content)
      })
    )
    return (await Promise.all(answers)).filter(Boolean).length
  }

  /** Returns how many of `updates` have `status`, summed over the members of `kind`. */
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

  /** Returns the number of members of `kind`. */
  size(kind: Member['kind']): number {
    return this.#members.filter((member) => member.kind === kind).length
  }

  /** Kills the last member of `kind` and starts another at its address, which must get all active updates. */
  async restart(kind: Member['kind'], downMs: number): Promise<void> {
    const member = this.#members.findLast((each) => each.kind === kind)!
    await member.kill()
    this.#members.splice(this.#members.indexOf(member), 1)
    await delay(downMs)
    this.#members.push(await this.#make(kind, Number(member.address.split(':')[1])))
  }

  /** Waits until no update is missing, at most `limitMs`; returns the elapsed time, or Infinity. */
  async settle(limitMs: number): Promise<number> {
    const beganMs = performance.now()
    const isWhole = (): boolean =>
      this.deliveryCounts().every(({ expected, delivered }) => delivered === expected)
    return (await until(isWhole, limitMs, 20)) ? performance.now() - beganMs : Infinity
  }

  deliveryCounts(): DeliveryCount[] {
    return KINDS.flatMap((from) =>
      KINDS.map((to) => {
        let [expected, delivered, duplicates] = [0, 0, 0]
        for (const member of this.#members.filter(({ kind }) => kind === to)) {
          for (const { digest, by } of this.#accepted) {
            // A restarted node gets its own earlier updates like those of others.
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

  /** Returns a unique content: short ones are a counter, long ones begin with one. */
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

/** Returns `count` ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers)
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  for (const server of servers) await new Promise((resolve) => server.close(resolve))
  return ports
}
