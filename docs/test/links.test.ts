/**
 * Links between the pages, as GitHub, npm and the site follow them: the file is there, and the heading in it. Links to the
 * repository's place on GitHub are links between pages, too.
 */

import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, read, root } from './pages.ts'

const REPOSITORY = 'https://github.com/rumormill/rumormill'

describe.each(pages())('%s', (page) => {
  const links = targets(page)
    .map((target) => withinCheckout(page, target))
    .filter((target) => target !== undefined)

  it('links to what is there', () => {
    const dead = links.filter((target) => {
      const [file, heading] = target.split('#') as [string, string | undefined]
      if (!existsSync(join(root, file))) return true
      if (heading === undefined) return false
      return statSync(join(root, file)).isDirectory() || !headings(file).includes(heading)
    })
    expect(dead).toEqual([])
  })
})

it('a README that npm shows has no relative links: there they lead nowhere', () => {
  const readmes = pages().filter((page) => page.startsWith('packages/'))
  const relative = readmes.flatMap((page) =>
    targets(page)
      .filter((target) => !/^(https:|#)/.test(target))
      .map((target) => `${page}: ${target}`)
  )
  expect(readmes.length).toBeGreaterThan(10)
  expect(relative).toEqual([])
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

function targets(page: string): string[] {
  const prose = read(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
}

/** The path from the root, with its heading, that a link leads to. Undefined when it leads elsewhere. */
function withinCheckout(page: string, target: string): string | undefined {
  if (target.startsWith(REPOSITORY)) {
    const rest = target.slice(REPOSITORY.length).replace(/^#readme$/, '')
    if (rest === '' || rest.startsWith('#')) return `README.md${rest}`
    return /^\/(?:blob|tree)\/main\/(.+)$/.exec(rest)?.[1]
  }
  if (/^[a-z]+:/.test(target)) return undefined
  return target.startsWith('#') ? page + target : normalize(join(dirname(page), target))
}

/** The names of headings in links, as GitHub makes them. */
function headings(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
  )
}
