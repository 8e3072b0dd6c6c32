/** Injects one fault after the other, and shows which row detects it. */

import { FAULTS } from './faults.ts'
import { DIED } from './line.ts'
import { rows } from './rows.ts'
import { runRow } from './run-row.ts'

/** Prints a table row for each fault; returns how many were not detected. */
export async function runFaults(seed: number): Promise<number> {
  let unnoticed = 0
  process.stdout.write('| fault | row | seen by |\n|---|---|---|\n')
  for (const [index, { name, row: number }] of FAULTS.entries()) {
    const row = rows.find((each) => each.number === number)!
    const { status, note, lost, duplicates } = await runRow(
      row,
      { seed, short: true, minutes: 1 },
      index
    )
    // A fault that breaks the program shows nothing about the row.
    const isCaught = status === 'failed' && !note.includes(DIED)
    if (!isCaught) unnoticed++
    const [complaint = ''] = note.split('; ')
    const seen =
      lost + duplicates > 0 ? `lost ${lost}, duplicates ${duplicates}` : complaint.slice(0, 100)
    process.stdout.write(
      `| ${name} | ${number}, ${row.name} | ${isCaught ? seen.replaceAll('\n', ' ') : `**not detected**: ${status}`} |\n`
    )
  }
  return unnoticed
}
