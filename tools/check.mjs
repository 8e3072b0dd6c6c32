/**
 * `npm test`: everything that must hold. Every check runs, also after one has failed; the last line has the totals.
 *
 * A test file that cannot be loaded, and a check that fails, count as one failure each.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, tool } from './tool.mjs'

const report = join(root, '.turbo', 'vitest.json')

const checks = [
  { name: 'lint', command: tool('oxlint') },
  { name: 'types of the tests', command: tool('typescript', '-p', 'tsconfig.json') },
  { name: 'unused', command: tool('knip', '--no-progress') },
  { name: 'licences', command: [process.execPath, join(root, 'tools', 'check-licences.mjs')] },
  { name: 'packages', command: [process.execPath, join(root, 'tools', 'check-packages.mjs')] },
  {
    name: 'tests',
    command: tool(
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`
    )
  }
]

async function main() {
  mkdirSync(dirname(report), { recursive: true })
  rmSync(report, { force: true })
  const results = []
  for (const check of checks) results.push(await perform(check))
  console.log('')
  for (const { name, ok, seconds } of results) {
    console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${seconds.toFixed(1)} s)`)
  }
  const totals = countTests()
  const uncounted = results.filter(
    ({ name, ok }) => !ok && (name !== 'tests' || totals.failed === 0)
  )
  totals.failed += uncounted.length
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
  process.exitCode = totals.failed > 0 ? 1 : 0
}

async function perform({ name, command: [file, ...args] }) {
  console.log(`\n== ${name}`)
  const startMs = performance.now()
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(false)
    })
    child.once('exit', (code) => resolve(code === 0))
  })
  return { name, ok, seconds: (performance.now() - startMs) / 1000 }
}

function countTests() {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 }
  const found = JSON.parse(readFileSync(report, 'utf8'))
  const unloaded = found.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0
  )
  return {
    passed: found.numPassedTests,
    failed: found.numFailedTests + unloaded.length,
    skipped: found.numPendingTests + found.numTodoTests
  }
}

await main()
