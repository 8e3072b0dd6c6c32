/** The options of every package with their defaults, and which of them a page means by a name. */

import { GRACE_MS } from '../../../packages/protocol/src/node/grace-period.ts'
import { DEFAULT_ADMISSION } from '../../../packages/transport-libp2p/src/node/admission.ts'
import { crateDefaults } from '../limits/crate.ts'
import { libp2pDefaults } from '../limits/libp2p.ts'
import { codecDefaults } from '../limits/message.ts'
import { nodeDefaults } from '../limits/node.ts'
import { tcpDefaults } from '../limits/tcp.ts'
import { GROUP_NAMES } from '../options/page.ts'
import { inlineCode } from './inline-code.ts'

/** Options by name, the name of a group before a dot. */
type Options = Readonly<Record<string, unknown>>

const node: Options = {
  ...dotted(nodeDefaults, GROUP_NAMES),
  // Sets two others by name, and has no default.
  'membership.policy': undefined,
  graceMs: GRACE_MS
}
const transports = {
  tcp: { ...tcpDefaults, ...dotted(tcpDefaults, ['limits', 'deadlines']) } as Options,
  libp2p: {
    ...libp2pDefaults,
    ...dotted(libp2pDefaults, ['limits', 'deadlines']),
    ...DEFAULT_ADMISSION,
    ...dotted({ admission: DEFAULT_ADMISSION }, ['admission']),
    inboundConnectionThreshold: undefined
  } as Options,
  crate: crateDefaults
}
const everywhere: readonly Options[] = [node, ...Object.values(transports), codecDefaults]

/** What a page is about: a name that it shares with others means this one. */
const SUBJECTS: Readonly<Record<string, Options>> = {
  'docs/wire-tcp.md': transports.tcp,
  'packages/transport-tcp/README.md': transports.tcp,
  'docs/libp2p.md': transports.libp2p,
  'packages/transport-libp2p/README.md': transports.libp2p,
  'docs/from-the-crate.md': transports.crate,
  'packages/compat-gossip-crate/README.md': transports.crate,
  'docs/wire.md': codecDefaults
}

/** The defaults that `name`, with its group or without, may have on `page`; none when it is no option. */
export function defaultsOf(name: string, page: string): unknown[] {
  const subject = SUBJECTS[page]
  const own = subject === undefined ? [] : valuesIn(subject, name)
  return own.length > 0 ? own : everywhere.flatMap((options) => valuesIn(options, name))
}

/** Options of groups that there are not, such as `membership.size`, or `reputation: { penalties: 1 }`. */
export function unknownOptions(prose: string): string[] {
  const groups = [...GROUP_NAMES, 'limits', 'deadlines'].join('|')
  const options = inlineCode(prose).filter((code) => !code.includes('/'))
  const named = options.flatMap((code) => [
    ...[...code.matchAll(new RegExp(`(?<![\\w.])(${groups})\\.(\\w+)`, 'g'))].map(
      ([, group, option]) => `${group}.${option}`
    ),
    ...[...code.matchAll(new RegExp(`(?<![\\w.])(${groups}): \\{([^}]*)\\}`, 'g'))].flatMap(
      ([, group, inside]) =>
        [...inside!.matchAll(/(\w+):/g)].map(([, option]) => `${group}.${option}`)
    )
  ])
  return named.filter((name) => defaultsOf(name, '').length === 0)
}

/** Names that are shaped as options and are none: of times, of sizes, of the most of something. */
export function unknownFigures(prose: string, others: readonly string[]): string[] {
  const names = inlineCode(prose).flatMap((code) => code.match(/[A-Za-z]\w+/g) ?? [])
  return names
    .filter((name) => /^max[A-Z]|(Ms|Bytes|Per[A-Z]\w+|Updates|Digests|Requests)$/.test(name))
    .filter((name) => /[a-z][A-Z]/.test(name) && !name.startsWith('rumormill'))
    .filter((name) => defaultsOf(name, '').length === 0 && !others.includes(name))
}

function valuesIn(options: Options, name: string): unknown[] {
  return Object.entries(options)
    .filter(([option]) => option === name || (!name.includes('.') && option.endsWith(`.${name}`)))
    .map(([, value]) => value)
}

function dotted<Group extends string>(
  options: Readonly<Record<Group, object>>,
  groups: readonly Group[]
): Options {
  return Object.fromEntries(
    groups.flatMap((group) =>
      Object.entries(options[group]).map(([option, value]) => [`${group}.${option}`, value])
    )
  )
}
