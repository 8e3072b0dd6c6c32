/** What the commands show: tables on the standard output, progress on the other one. */

/** Columns as wide as their widest cell; cells that are numbers stand on the right. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length))
  )
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      /^[\d.-]+$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    )
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`)
  }
}

/** Ends quietly when whoever reads the output has seen enough, as `head` does. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

/** One line that says what is being done, rewritten in place on a terminal. */
export function showProgress(quiet: boolean): { show: (doing: string) => void; clear: () => void } {
  const { isTTY } = process.stderr
  const startMs = performance.now()
  return {
    show: (doing) => {
      if (quiet) return
      const line = `${((performance.now() - startMs) / 1000).toFixed(0)} s: ${doing}`
      process.stderr.write(isTTY ? `\r\u001B[2K${line}` : `${line}\n`)
    },
    clear: () => {
      if (!quiet && isTTY) process.stderr.write('\r\u001B[2K')
    }
  }
}
