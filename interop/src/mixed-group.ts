/** As many nodes of either kind, and the book of what must reach whom. */
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createRng, digestOf, type Expiration, type Rng } from '@rumormill/protocol'
import { crateMember } from './crate-member.ts'
import { HOST, type Member } from './member.ts'
import { rumormillMember } from './rumormill-member.ts'

const MAKE = { crate: crateMember, rumormill: rumormillMember } as const

/** What came of the updates of one side at the members of the other. */
export interface Tally {
  readonly from: Member['kind']
  readonly to: Member['kind']
  readonly expected: number
  readonly delivered: number
  readonly duplicates: number
}

export class MixedGroup {
  readonly #members: Member[] = []
  readonly #submitted: { readonly digest: string; readonly by: Member; readonly kind: Member['kind'] }[] = []
  readonly #rng: Rng
  readonly #expiration: Expiration

  private constructor(expiration: Expiration, seed: number) {
    this.#expiration = expiration
    this.#rng = createRng(seed)
  }

  /** `each` nodes of either kind; they know the first of both. */
  static async start(each: number, expiration: Expiration, seed: number): Promise<MixedGroup> {
    const group = new MixedGroup(expiration, seed)
    for (let n = 0; n < each; n++) {
      await group.#join('crate', await freePort())
      await group.#join('rumormill', await freePort())
    }
    return group
  }

  /** So many updates by either side in turns, of `minBytes` to `maxBytes`, text and binary, evenly over the orders of size. */
  async submit(eachSide: number, minBytes: number, maxBytes: number, gapMs: number): Promise<void> {
    for (let n = 0; n < eachSide; n++) {
      for (const kind of ['crate', 'rumormill'] as const) {
        const members = this.#members.filter((member) => member.kind === kind)
        const by = members[n % members.length]!
        const bytes = Math.floor(minBytes * (maxBytes / minBytes) ** this.#rng.fraction())
        const content = this.#content(bytes, n % 2 === 0)
        by.submit(content)
        this.#submitted.push({ digest: digestOf(content), by, kind })
      }
      if (gapMs > 0) await delay(gapMs)
    }
  }

  /** Kills the last member of `kind` and starts another at its address, which must get all that is active. */
  async restart(kind: Member['kind'], downMs: number): Promise<void> {
    const member = this.#members.findLast((each) => each.kind === kind)!
    await member.kill()
    this.#members.splice(this.#members.indexOf(member), 1)
    await delay(downMs)
    await this.#join(kind, Number(member.address.split(':')[1]))
  }

  /** Waits until nothing is missing any more, or `limitMs`; returns how long that took, or Infinity. */
  async settle(limitMs: number): Promise<number> {
    const beganMs = performance.now()
    while (performance.now() - beganMs < limitMs) {
      if (this.tally().every(({ expected, delivered }) => delivered === expected)) return performance.now() - beganMs
      await delay(20)
    }
    return Infinity
  }

  tally(): Tally[] {
    const kinds = ['crate', 'rumormill'] as const
    return kinds.flatMap((from) => kinds.map((to) => {
      let [expected, delivered, duplicates] = [0, 0, 0]
      for (const member of this.#members.filter(({ kind }) => kind === to)) {
        for (const { digest, by, kind } of this.#submitted) {
          // A restarted node is given its own updates of before as those of others.
          if (kind !== from || by === member) continue
          const times = member.delivered.get(digest) ?? 0
          expected++
          delivered += Math.min(1, times)
          duplicates += Math.max(0, times - 1)
        }
      }
      return { from, to, expected, delivered, duplicates }
    }))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()))
  }

  async #join(kind: Member['kind'], port: number): Promise<void> {
    const contacts = this.#members.slice(0, 2).map(({ address }) => address)
    this.#members.push(await MAKE[kind]({ port, contacts, expiration: this.#expiration }))
  }

  /** Never the same twice: short ones count, long ones begin with a count. */
  #content(bytes: number, isText: boolean): Uint8Array {
    const count = this.#submitted.length
    const mark = isText ? Buffer.from(`update ${count} `) : Uint8Array.of(count >> 16, count >> 8, count)
    const content = new Uint8Array(Math.max(bytes, mark.length))
    for (let at = 0; at < content.length; at++) content[at] = isText ? 97 + this.#rng.below(26) : this.#rng.below(256)
    content.set(mark)
    return bytes < 2 && count < 256 ? Uint8Array.of(count) : content
  }
}

/** Free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
