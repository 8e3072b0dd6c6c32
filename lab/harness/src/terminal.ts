/** The output of the commands: tables on stdout, progress on stderr. */

/** Prints columns as wide as their widest cell; numbers are aligned to the right. */
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

/** Ends quietly when the reader of the output closes the pipe, as `head` does. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

/** Shows the progress in one line, which is rewritten in place on a terminal. */
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
