/**
 * Runs every check, the slower ones too, and prints the totals of all of them as the last line.
 *
 * A step says its totals itself, or counts as one. A step whose exit code is not 0 counts as failed, whatever its totals
 * say. What was skipped, or missed a figure, fails as well, unless it stands in {@link EXCUSED}.
 */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { npm, root } from './tool.mjs'

/** What may be skipped, and why: a pattern of the line that says it. */
const EXCUSED = [
  { line: /^skipped bun/, reason: 'not every registry has the binaries of Bun' },
  { line: /^skipped deno/, reason: 'not every registry has the binaries of Deno' },
  {
    line: /^ *(29|34|35|36|38) X skipped/,
    reason: 'not every machine lets network namespaces be made'
  }
]

/** Packages whose tests open no sockets, so that a mutant takes seconds. */
const PURE = ['protocol', 'codec-binary', 'codec-json', 'stream-transport']

const STEPS = [
  { name: 'npm test', command: ['test', '--', '--slow', '--fresh'] },
  { name: 'fuzz', command: ['run', '-s', 'lab', '--', 'fuzz', '--frames=200000'] },
  { name: 'interop', command: ['run', '-s', 'lab', '--', 'interop'] },
  // Whether the benchmarks run; their figures mean something only when they are long.
  { name: 'bench', command: ['run', '-s', 'lab', '--', 'bench', '--smoke'] },
  { name: 'installable', command: ['run', '-s', 'lab', '--', 'installable'] },
  // Every link of the site; the snippets were run by the tests.
  { name: 'docs', command: ['run', '-s', 'docs', '--', '--links'] },
  // Each change of the code draws another sample, whose share varies by some six percent, so less is asked of it.
  {
    name: 'mutate',
    command: ['run', '-s', 'lab', '--', 'mutate', '--count=40', '--least=65', '--quick', ...PURE]
  },
  { name: 'soak', command: ['run', '-s', 'lab', '--', 'soak', '--short'] },
  { name: 'chaos', command: ['run', '-s', 'lab', '--', 'chaos', '--short'] }
]
const TOTALS =
  /^(\d+) (?:rows )?passed, (\d+) failed(?:, (\d+) missed a figure)?(?:, (\d+) skipped)?$/
/** A line that says so, among them the rows of the acceptance list: `23 S skipped long names: why`. */
const EXCEPTION = /^(?: *\d+ \w )?(?:skipped|missed)\b/

/** What a step says of each part that failed: of a row of the acceptance list, its line. */
const FAILURE = /^(?: *\d+ \w )failed\b/

const totals = { passed: 0, failed: 0, skipped: 0 }
const problems = []
for (const step of STEPS) await take(step)
if (problems.length > 0) console.log(`\nFailed:\n${problems.map((each) => `  ${each}\n`).join('')}`)
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exitCode = problems.length > 0 ? 1 : 0

async function take({ name, command }) {
  console.log(`\n==== ${name}`)
  const startMs = performance.now()
  const { code, counts, exceptions, failures } = await perform(npm(...command))
  const { passed, failed, skipped } = counts ?? uncounted(code, exceptions)
  console.log(
    `==== ${name}: ${code === 0 ? 'ok' : 'FAILED'}, ${((performance.now() - startMs) / 1000).toFixed(0)} s`
  )
  totals.passed += passed
  totals.failed += failed
  totals.skipped += skipped
  if (failed > 0) problems.push(`${name}: ${failed}`, ...failures)
  else if (code !== 0) problem(`${name}: exit code ${code}`)
  const excused = exceptions.filter((line) => EXCUSED.some((each) => each.line.test(line)))
  const others = exceptions.filter((line) => !excused.includes(line))
  for (const line of others) problem(`${name}: ${line}`)
  // Each that is counted must have been named, or nobody could tell whether it is excused.
  if (skipped > exceptions.length)
    problem(`${name}: ${skipped - exceptions.length} skipped without a word`)
}

/** A step without totals is one check. */
function uncounted(code, exceptions) {
  const skipped = exceptions.length
  return { passed: code === 0 && skipped === 0 ? 1 : 0, failed: 0, skipped }
}

function problem(text) {
  totals.failed++
  problems.push(text)
}

/** Runs a step, shows what it says except for its totals, and returns those, and the lines of what it skipped, missed or failed. */
async function perform([file, ...args]) {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, CI: '1' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exceptions = []
  const failures = []
  let counts
  const ended = new Promise((resolve) => {
    child.once('error', () => resolve(127))
    child.once('close', (code) => resolve(code ?? 1))
  })
  for await (const line of createInterface(child.stdout)) {
    const [found, passed, failed, missed = 0, skipped = 0] = TOTALS.exec(line) ?? []
    if (found === undefined) console.log(line)
    else counts = { passed: +passed, failed: +failed, skipped: +missed + +skipped }
    if (EXCEPTION.test(line)) exceptions.push(line)
    if (FAILURE.test(line)) failures.push(line)
  }
  return { code: await ended, counts, exceptions, failures }
}
