/** Links between the pages, as GitHub and the site follow them: the file is there, and the heading in it. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, read, root } from './pages.ts'

describe.each(pages())('%s', (page) => {
  const prose = read(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))

  it('links to what is there', () => {
    const dead = links.filter((target) => {
      const [path, heading] = target.split('#') as [string, string | undefined]
      const file = path === '' ? page : normalize(join(dirname(page), path))
      if (!existsSync(join(root, file))) return true
      if (heading === undefined) return false
      return statSync(join(root, file)).isDirectory() || !headings(file).includes(heading)
    })
    expect(dead).toEqual([])
  })
})

it('the site has every page of the docs', () => {
  const { projectDocuments } = JSON.parse(read('docs/typedoc.json')) as {
    projectDocuments: string[]
  }
  const docs = pages().filter((page) => dirname(page) === 'docs' && page !== 'docs/index.md')
  expect(projectDocuments.filter((page) => !page.includes('/')).sort()).toEqual(
    docs.map((page) => page.slice('docs/'.length)).sort()
  )
})

/** The names of headings in links, as GitHub makes them. */
function headings(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  )
}
