import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { FAULTS } from '../../lab/chaos/src/faults.ts'
import { rows } from '../../lab/chaos/src/rows.ts'

const page = readFileSync(new URL('../chaos.md', import.meta.url), 'utf8')
const built = (module: string): string =>
  readFileSync(
    new URL(`../../${module.replace('/dist/', '/src/').replace(/js$/, 'ts')}`, import.meta.url),
    'utf8'
  )

describe('docs/chaos.md', () => {
  test.each(rows)('has row $number, $name', ({ number, name, mode }) => {
    expect(page).toContain(`\n| ${number} | ${name} | ${mode} | `)
  })

  test.each(FAULTS)('has the fault: $name', ({ name, row }) => {
    expect(page).toContain(`\n| ${name} | ${row}, `)
  })
})

test.each(FAULTS)('the line of the fault is where it was: $name', ({ module, good }) => {
  // Built code has a semicolon where the source has none.
  expect(built(module).split(good.replace(/;$/, '\n'))).toHaveLength(2)
})
