/** docs/options.md as it must stand: made from the doc comments of the options and from what the presets resolve to. */

import { PRESETS, type Preset } from '../../../packages/protocol/src/options/presets.ts'
import { defaultsOfPreset } from '../limits/node.ts'
import { read } from '../pages.ts'

const MIB = 2 ** 20
const CORE = 'packages/protocol/src'
const OPTIONS = `${CORE}/options/options.ts`

/** The groups of options: their interface, and the file that has it. */
const GROUPS = {
  membership: ['MembershipConfig', `${CORE}/membership/config.ts`],
  store: ['StoreConfig', `${CORE}/store/config.ts`],
  fetch: ['FetchConfig', `${CORE}/fetch/config.ts`],
  antiEntropy: ['AntiEntropyConfig', `${CORE}/anti-entropy/config.ts`],
  broadcast: ['BroadcastConfig', `${CORE}/broadcast/config.ts`],
  delivery: ['DeliveryConfig', OPTIONS],
  sending: ['SendingConfig', OPTIONS],
  peerFinding: ['PeerFindingConfig', OPTIONS],
  validation: ['ValidationConfig', OPTIONS],
  reputation: ['ReputationConfig', `${CORE}/membership/reputation-config.ts`],
  storageOptions: ['StorageConfig', OPTIONS]
} as const

type Group = keyof typeof GROUPS

export interface Member {
  readonly name: string
  readonly comment: string
}

const names = Object.keys(PRESETS) as Preset[]
const resolved = names.map(defaultsOfPreset)

/** The members of an interface with their comments, each as one line. */
function membersOf(source: string, name: string): Member[] {
  const [, body] = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)!
  const member = /(?:\/\*\*([\s\S]*?)\*\/\s*)?^ {2}readonly (\w+)\??:/gm
  return [...body!.matchAll(member)].map(([, comment = '', option]) => ({
    name: option!,
    comment: comment
      .replaceAll(/\n\s*\*/g, '\n')
      .replaceAll(/\{@link (\w+)\}/g, '`$1`')
      .replaceAll(/\s+/g, ' ')
      .trim()
  }))
}

export function membersOfGroup(group: Group): Member[] {
  const [name, file] = GROUPS[group]
  return membersOf(read(file), name)
}

export const GROUP_NAMES = Object.keys(GROUPS) as Group[]

export function optionsPage(): string {
  const groups = new Set<string>(GROUP_NAMES)
  const own = membersOf(read(OPTIONS), 'GossipOptions')
  const about = (group: Group): string => own.find(({ name }) => name === group)!.comment
  return `# Options

The options of \`createGossip\`, with their defaults: \`createGossip({ preset: 'wan', store: { maxUpdates: 1000 } })\`. Values beside a preset replace its own one by one. What to change for which purpose is in [tuning](tuning.md); the options of transports are in [TCP](wire-tcp.md) and [libp2p](libp2p.md). This page is made from the source: \`OPTIONS=write npx vitest run docs/test/options.test.ts\`.

## At the top

| Option | What it is |
| --- | --- |
${own
  .filter(({ name }) => !groups.has(name))
  .map(({ name, comment }) => `| \`${name}\` | ${comment} |`)
  .join('\n')}

${GROUP_NAMES.map((group) => `## \`${group}\`\n\n${about(group)}\n\n${table(group)}`).join('\n\n')}
`
}

/** One row for each option; one column of defaults where all presets agree. */
function table(group: Group): string {
  const rows = membersOfGroup(group).map(({ name, comment }) => {
    const values = resolved.map((config) =>
      shown((config[group] as unknown as Readonly<Record<string, unknown>>)[name])
    )
    const isSame = values.every((value) => value === values[0])
    const defaults = isSame
      ? values[0]!
      : names.map((preset, index) => `${preset}: ${values[index]}`).join('; ')
    // The columns say it for each preset.
    const text = comment.replace(/ Default[^.]*(?:\d\.\d[^.]*)*\.$/, '')
    return `| \`${name}\` | ${defaults} | ${text} |`
  })
  return ['| Option | Unless set | What it is |', '| --- | --- | --- |', ...rows].join('\n')
}

/** Large sizes in bytes are multiples of a KiB. */
function size(value: number): string {
  if (value < MIB / 4 || value % 1024 !== 0) return value.toLocaleString('en')
  return value % MIB === 0 ? `${value / MIB} MiB` : `${value / 1024} KiB`
}

function shown(value: unknown): string {
  if (typeof value === 'number') return size(value)
  if (typeof value !== 'object') return `\`${JSON.stringify(value)}\``.replaceAll('"', '')
  const parts = Object.entries(value as Readonly<Record<string, string | number>>).map(
    ([key, each]) => `${key}: ${typeof each === 'string' ? `'${each}'` : each}`
  )
  return `\`{ ${parts.join(', ')} }\``
}
