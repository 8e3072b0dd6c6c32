import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDefaults } from './limits/node.ts'
import { GROUP_NAMES, membersOfGroup, optionsPage } from './options/page.ts'
import { read, root } from './pages.ts'

it('docs/options.md is what the code says; OPTIONS=write writes it', () => {
  if (process.env['OPTIONS'] === 'write')
    writeFileSync(join(root, 'docs/options.md'), optionsPage())
  const rows = (page: string): string[] =>
    page.split('\n').map((line) => line.replaceAll(/ +\|/g, ' |').replaceAll(/-+ \|/g, '--- |'))
  expect(rows(read('docs/options.md'))).toEqual(rows(optionsPage()))
})

describe.each(GROUP_NAMES)('%s', (group) => {
  const members = membersOfGroup(group)

  it('has every option that is resolved, and no other', () => {
    expect(members.map(({ name }) => name).sort()).toEqual(Object.keys(nodeDefaults[group]).sort())
  })

  it.each(members.map(({ name, comment }) => [name, comment] as const))(
    '%s has a comment that says its default',
    (name, comment) => {
      expect(comment).toMatch(/Default/)
      const value = (nodeDefaults[group] as unknown as Readonly<Record<string, unknown>>)[name]
      // Sizes are said in MiB, and what follows another option in words.
      if (typeof value === 'number' && value < 2 ** 18 && !/Default \d+ membership/.test(comment))
        expect(comment.replaceAll(',', '')).toContain(`Default ${value}`)
      if (typeof value === 'string') expect(comment).toContain(`Default \`${value}\``)
      if (typeof value === 'boolean') expect(comment).toContain(`Default ${value}`)
    }
  )
})
