/** Runs tasks of `tools/package.json` by turbo, which passes over those whose files did not change since they passed. */

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root, tool } from './tool.mjs'

const CHROMIUM = '/usr/bin/chromium'
/** Without a terminal, progress is said this often. */
const TICK_MS = 20_000
const TASK = /^@rumormill\/tools[:#](\w+): ?/
/** What turbo and npm say around a check that failed. */
const NOISE = /^(npm error|cache miss, executing| WARNING {2}command|> |$)/
const summaries = join(root, '.turbo', 'runs')

/**
 * Runs the tasks that are the keys of `logs`, adds to each what it says, and shows how far the tests are. Returns the exit
 * code of turbo, what it said itself, and how each task ended.
 */
export async function runTasks(logs, options) {
  rmSync(summaries, { recursive: true, force: true })
  const flags = [
    '--filter=@rumormill/tools',
    '--continue=always',
    '--output-logs=new-only',
    '--log-order=stream',
    '--env-mode=loose',
    '--summarize'
  ]
  if (options.fresh) flags.push('--force')
  const [file, ...words] = tool('turbo', 'run', ...logs.keys(), ...flags)
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // What passed with another Node, or without a browser, says nothing about this one.
    CHECKED_ON: `${process.version} ${process.platform} ${existsSync(CHROMIUM)}`,
    ...(options.slow && { SLOW: '1' })
  }
  const child = spawn(file, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  // Ctrl-C reaches turbo through the terminal; it ends its tasks, then itself.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const progress = startProgress()
  const rest = []
  const read = async (stream) => {
    for await (const line of createInterface(stream)) {
      const [prefix, name] = TASK.exec(line) ?? []
      const text = line.slice(prefix?.length ?? 0)
      const [, done, total, failed] = /^progress (\d+) (\d+) (\d+)$/.exec(text) ?? []
      if (done !== undefined) progress.tests(done, total, failed)
      else if (!NOISE.test(text)) (logs.get(name) ?? rest).push(text)
    }
  }
  const reading = Promise.all([read(child.stdout), read(child.stderr)])
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      rest.push(error.message)
      resolve(1)
    })
    child.once('close', (status) => resolve(status ?? 1))
  })
  await reading
  progress.end()
  return { code, rest, results: resultsOf([...logs.keys()]) }
}

/** Shows how far the tests are: in place on a terminal, else by a line now and then. */
function startProgress() {
  const { isTTY } = process.stdout
  let said = 'building, then checking'
  const say = () => process.stdout.write(isTTY ? `\r\u001b[K${said} ...` : `${said} ...\n`)
  const timer = setInterval(say, isTTY ? 1000 : TICK_MS)
  return {
    tests: (done, total, failed) => {
      said = `${done} of ${total} test files${failed === '0' ? '' : `, ${failed} tests failed`}`
    },
    end: () => {
      clearInterval(timer)
      if (isTTY) process.stdout.write('\r\u001b[K')
    }
  }
}

/** Returns how each check ended, from the summary that turbo leaves. */
function resultsOf(names) {
  const [file] = existsSync(summaries) ? readdirSync(summaries) : []
  const summary = file === undefined ? '{"tasks":[]}' : readFileSync(join(summaries, file), 'utf8')
  const { tasks } = JSON.parse(summary)
  return names.map((name) => {
    const task = tasks.find(({ taskId }) => taskId === `@rumormill/tools#${name}`)
    if (task?.execution === undefined) return { name, ok: false, said: 'did not run' }
    const { exitCode, startTime, endTime } = task.execution
    const took = `${((endTime - startTime) / 1000).toFixed(1)} s`
    return { name, ok: exitCode === 0, said: task.cache.status === 'HIT' ? 'unchanged' : took }
  })
}
