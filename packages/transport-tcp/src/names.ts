/**
 * Resolves host names, mostly without the operating system's resolver. That one uses two threads, and a name server that
 * does not answer blocks one of them for ten seconds, so a few names from unknown peers would block every other lookup.
 *
 * The order is that of the C library: the hosts file, then the name servers with the search list of `resolv.conf`. The
 * system's resolver follows, one name at a time, only for names without a dot and names under `.local`.
 */

import { lookup, Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { canonicalIp } from './address.ts'

/** The deadline for one name. */
const LOOKUP_MS = 4000

/** The timeout of a name server's first attempt; the second one is twice as long. */
const ANSWER_MS = 1200

/** How many names may wait for the system's resolver. */
const MAX_WAITING = 16

/** Where these files are missing or incomplete, only the system's resolver is used. */
const HAS_FILES = process.platform === 'linux'

export interface NameFiles {
  readonly hosts: string
  readonly resolv: string
}

export class Names {
  readonly #files: NameFiles
  readonly #newResolver: () => Resolver
  #resolver: Resolver
  /** The `resolv.conf` that the resolver was made with: a machine that moves to another network gets other name servers. */
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

  /** Resolves with the addresses of `name` in the hosts file; sends no query. */
  async inHosts(name: string): Promise<string[]> {
    if (!HAS_FILES) return []
    return hostsOf(await textOf(this.#files.hosts), name)
  }

  /** Resolves with at least one address of `name`, in canonical form. Rejects when there is none, after at most four seconds. */
  async resolve(name: string): Promise<string[]> {
    const inHosts = await this.inHosts(name)
    return inHosts.length > 0 ? inHosts : this.elsewhere(name)
  }

  /** Does the same as {@link resolve} without the hosts file. */
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

  /** Cancels all lookups. */
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

  /** Asks the name servers. Resolves with an empty list when there is no such name; rejects when none answers. */
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

  /** Asks the system's resolver for one name at a time, so that it uses at most one thread. */
  async #bySystem(name: string): Promise<string[]> {
    if (this.#waiting >= MAX_WAITING) throw new Error('too many host names wait to be looked up')
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

/** Returns the addresses of `name` in a hosts file, in their order. */
export function hostsOf(text: string, name: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([, ...names]) => names.some((each) => each.toLowerCase() === name))
    .map(([ip]) => canonicalIp(ip!))
}

/** Returns the names to query for `name` by a `resolv.conf`, in order. */
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

/** Returns whether a name server answered that there is no such name. */
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
