/** What a page says in inline code and in tables. */

/** The page without its fenced blocks and comments, which are checked otherwise. */
export function proseOf(page: string): string {
  return page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/<!--[\s\S]*?-->/g, '')
}

/** Every piece of inline code, without its backticks. */
export function inlineCode(prose: string): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
}

/** A table: its first row, and the others, as text. */
export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tables(prose: string): Table[] {
  const blocks = prose.match(/(?:^\|.*\n?)+/gm) ?? []
  return blocks.map((block) => {
    const [header, , ...rows] = block.trim().split('\n').map(cells)
    return { header: header ?? [], rows }
  })
}

function cells(row: string): string[] {
  const pieces = row.split('|').map((cell) => cell.trim())
  return pieces.slice(1, -1)
}
