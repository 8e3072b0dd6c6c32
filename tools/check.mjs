/**
 * `npm test`: everything that must hold. Every check runs, also after one has failed. What failed is listed last,
 * before the totals: a test file that cannot be loaded, and a check that fails, count as one failure each.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare } from './build.mjs'
import { root } from './tool.mjs'
import { runTasks } from './turbo-tasks.mjs'

const QUICK_CHECKS = {
  format: 'layout, by oxfmt',
  lint: 'lint, by oxlint',
  types: 'types, those of the tests too',
  core: 'the tests of the core and the codecs'
}
const { core: _core, ...rest } = QUICK_CHECKS
const CHECKS = {
  ...rest,
  unused: 'unused files, exports and dependencies, by knip',
  licences: 'licences of what users install',
  packages: 'the packed packages, by publint and attw',
  tests: 'the tests'
}
const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    slow: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false }
  }
})
const checks = options.quick ? QUICK_CHECKS : CHECKS

if (options.help) {
  console.log(`Usage: npm test -- [--quick | --slow] [--fresh]

Checks everything that must hold; about four minutes on two cores, seconds when nothing changed.
  --quick  layout, lint, types and the tests of the core but for faults, in half a minute
  --slow   also the tests in *.slow.test.ts
  --fresh  runs also what passed before and has not changed since

${list(CHECKS)}`)
} else {
  await main()
}

async function main() {
  const startMs = performance.now()
  const usual = options.quick ? 'half a minute' : options.slow ? 'six minutes' : 'four minutes'
  console.log(
    `Usually ${usual} on two cores, and seconds for what has not changed since it passed:\n${list(checks)}\n`
  )
  await prepare([])
  const logs = new Map(Object.keys(checks).map((name) => [name, []]))
  const { code, rest: others, results } = await runTasks(logs, options)
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const failures = []
  const fail = (failure) => {
    totals.failed++
    failures.push(failure)
  }
  for (const { name, ok } of results) {
    const tests = testsOf(name)
    totals.passed += tests.passed
    totals.skipped += tests.skipped.length
    for (const skipped of tests.skipped) console.log(`skipped ${skipped}`)
    for (const failed of tests.failed) fail(failed)
    if (!ok) console.log(`\n== ${name}\n${logs.get(name).join('\n')}`)
    // A check that failed, and of which no test did, is a failure itself.
    if (!ok && tests.failed.length === 0) fail(`${name}: see its output above`)
  }
  if (code !== 0 && failures.length === 0) {
    console.log(others.join('\n'))
    fail('turbo: see its output above')
  }
  console.log('')
  for (const { name, ok, said } of results) {
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${said})`)
  }
  if (failures.length > 0)
    console.log(`\nFailed:\n${failures.map((each) => `  ${each}\n`).join('')}`)
  console.log(`in ${((performance.now() - startMs) / 1000).toFixed(0)} s`)
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  process.exitCode = failures.length > 0 ? 1 : 0
}

/** Returns the tests that a check ran, by the report that vitest leaves. */
function testsOf(check) {
  const file = join(root, 'tools', 'report', `${check}.json`)
  /** @type {{ passed: number, failed: string[], skipped: string[] }} */
  const found = { passed: 0, failed: [], skipped: [] }
  if (!['core', 'tests'].includes(check) || !existsSync(file)) return found
  for (const { name, status, message, assertionResults } of JSON.parse(readFileSync(file, 'utf8'))
    .testResults) {
    const path = relative(root, name)
    if (status === 'failed' && assertionResults.length === 0) {
      found.failed.push(`${path}: ${firstLine(message)}`)
    }
    for (const test of assertionResults) {
      const title = `${path} > ${[...test.ancestorTitles, test.title].join(' > ')}`
      if (test.status === 'passed') found.passed++
      else if (test.status === 'failed')
        found.failed.push(`${title}: ${firstLine(test.failureMessages[0])}`)
      else found.skipped.push(title)
    }
  }
  return found
}

function firstLine(text = '') {
  return text.replaceAll(ESCAPES, '').split('\n')[0]
}

function list(names) {
  return Object.entries(names)
    .map(([name, what]) => `  ${name.padEnd(9)} ${what}`)
    .join('\n')
}
