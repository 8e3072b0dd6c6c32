/**
 * Host names turned into IP addresses, outside the threads in which the system looks names up: of those there are two, and a
 * name server that does not answer holds one for ten seconds, so a few names of strangers would stop every other look-up.
 *
 * Asked in turn, as by the C library: the hosts file, then the name servers with the search list of `resolv.conf`; then the
 * system after all for names that only it can know, those without a dot and those of `.local`, one at a time.
 */

import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { canonicalIp } from './address.ts'

/** For all questions about one name. */
const LOOKUP_MS = 4000

/** For the first answer of a name server; the second attempt has twice as long. */
const ANSWER_MS = 1200

/** How many names wait for the system. */
const MAX_WAITING = 16

/** Where these files are not, or do not tell all, the system is asked and nobody else. */
const HAS_FILES = process.platform === 'linux'

export interface NameFiles {
  readonly hosts: string
  readonly resolv: string
}

export class Names {
  readonly #files: NameFiles
  readonly #newResolver: () => Resolver
  #resolver: Resolver
  /** What the resolver read when it was made: a machine that moves to another network has other name servers. */
  #resolv: string | undefined
  #waiting = 0
  #line: Promise<unknown> = Promise.resolve()
  #isStopped = false
  readonly #stopped: Promise<never>
  #stop: (error: Error) => void = () => {}

  constructor(
    files: NameFiles = { hosts: '/etc/hosts', resolv: '/etc/resolv.conf' },
    newResolver: () => Resolver = () => new Resolver({ timeout: ANSWER_MS, tries: 2 })
  ) {
    this.#files = files
    this.#newResolver = newResolver
    this.#resolver = newResolver()
    this.#stopped = new Promise((_, reject) => {
      this.#stop = reject
    })
    this.#stopped.catch(() => {})
  }

  /** The addresses that the hosts file has for `name`; asks nobody. */
  async inHosts(name: string): Promise<string[]> {
    if (!HAS_FILES) return []
    return hostsOf(await textOf(this.#files.hosts), name)
  }

  /** The addresses of `name`, at least one, in canonical form. Rejects when there are none, after four seconds at most. */
  async resolve(name: string): Promise<string[]> {
    const known = await this.inHosts(name)
    return known.length > 0 ? known : this.elsewhere(name)
  }

  /** As {@link resolve}, for a name that the hosts file does not have. */
  async elsewhere(name: string): Promise<string[]> {
    let late: ReturnType<typeof setTimeout> | undefined
    const overdue = new Promise<never>((_, reject) => {
      late = setTimeout(
        () => reject(new Error(`no name server answered for ${name} in time`)),
        LOOKUP_MS
      )
    })
    try {
      return await Promise.race([this.#ask(name), overdue, this.#stopped])
    } finally {
      clearTimeout(late)
    }
  }

  /** Gives up whatever is under way. */
  stop(): void {
    this.#isStopped = true
    this.#resolver.cancel()
    this.#stop(new Error('the transport was stopped'))
  }

  async #ask(name: string): Promise<string[]> {
    if (!HAS_FILES) return this.#bySystem(name)
    if (/(?:^|\.)localhost$/.test(name)) return ['127.0.0.1', '::1']
    const resolv = await textOf(this.#files.resolv)
    if (resolv !== (this.#resolv ?? resolv)) this.#resolver = this.#newResolver()
    this.#resolv = resolv
    for (const candidate of candidatesOf(resolv, name)) {
      const found = await this.#byServers(candidate)
      if (found.length > 0) return found
    }
    if (/^[^.]*$|\.local$/.test(name)) return this.#bySystem(name)
    throw new Error(`there is no host ${name}`)
  }

  /** None when there is no such name; rejects when nobody answers. */
  async #byServers(name: string): Promise<string[]> {
    if (this.#isStopped) return []
    const answers = await Promise.allSettled([
      this.#resolver.resolve4(name),
      this.#resolver.resolve6(name)
    ])
    const found = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    if (found.length > 0) return found.map(canonicalIp)
    for (const each of answers)
      if (each.status === 'rejected' && !isNo(each.reason)) throw each.reason as Error
    return []
  }

  /** In line, so that one thread is in use at most. */
  async #bySystem(name: string): Promise<string[]> {
    if (this.#waiting >= MAX_WAITING) throw new Error('too many names wait to be looked up')
    this.#waiting++
    const turn = this.#line.then(() => (this.#isStopped ? [] : lookup(name, { all: true })))
    this.#line = turn.catch(() => {})
    try {
      return (await turn).map(({ address }) => canonicalIp(address))
    } finally {
      this.#waiting--
    }
  }
}

/** The addresses of `name` in a hosts file, in their order. */
export function hostsOf(text: string, name: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([, ...names]) => names.some((each) => each.toLowerCase() === name))
    .map(([ip]) => canonicalIp(ip!))
}

/** What `name` may stand for by a `resolv.conf`, in the order in which it is to be tried. */
export function candidatesOf(text: string, name: string): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const search = lines.findLast(([key]) => key === 'search' || key === 'domain')?.slice(1) ?? []
  const options = lines.filter(([key]) => key === 'options').flat()
  const ndots = Number(options.findLast((each) => each.startsWith('ndots:'))?.slice(6) ?? 1)
  const searched = search.filter((each) => each !== '.').map((domain) => `${name}.${domain}`)
  const dots = name.split('.').length - 1
  return dots >= ndots ? [name, ...searched] : [...searched, name]
}

/** Whether a name server has said that there is no such name. */
function isNo(reason: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA'].includes((reason as { code?: string }).code ?? '')
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}
