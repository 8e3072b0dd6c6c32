import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { describe as describeError } from '../../src/complaints.ts'
import { createProgram } from '../../src/program.ts'
import { Command, run } from '../command.ts'
import { watch } from '../page/watch.ts'
import { until } from '../until.ts'

const small = ['demo', '--nodes', '4', '--updates', '12', '--rate', '200']
const PAGE = /^live page: http:\/\/127\.0\.0\.1:\d+$/
const DELIVERED = /^delivered 36\/36, lost 0, duplicates 0, p50 [\d.]+ ms, p99 [\d.]+ ms$/

describe('rumormill demo', () => {
  it('delivers every line to every other node, once; with --no-page it has no page', async () => {
    const { code, stdout, stderr } = await run(...small, '--codec', 'json', '--no-page')
    expect(stderr).toEqual([])
    expect(stdout.filter((line) => PAGE.test(line))).toEqual([])
    expect(stdout.at(-1)).toMatch(DELIVERED)
    expect(code).toBe(0)
  })

  it('shows JSON, one object a line, the summary last; with a process for each node', async () => {
    const { code, stdout } = await run(...small, '--processes', '--json')
    const objects = stdout.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(
      objects.slice(0, -1).every(({ type, nodes }) => type === 'progress' && nodes === 4)
    ).toBe(true)
    expect(objects.at(-1)).toEqual({
      type: 'summary',
      nodes: 4,
      updates: 12,
      expected: 36,
      delivered: 36,
      lost: 0,
      duplicates: 0,
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number)
    })
    expect(code).toBe(0)
  })

  it('ends with a summary at Ctrl-C, and leaves no process behind', async () => {
    const demo = new Command(
      'demo',
      '--nodes',
      '2',
      '--updates',
      '100',
      '--rate',
      '5',
      '--processes',
      '--json'
    )
    await demo.until('has connected', ({ stdout }) =>
      stdout.some((line) => line.includes('"connected":2'))
    )
    const pids = childrenOf(demo.pid)
    expect(pids).toHaveLength(2)
    demo.pressCtrlC()
    const { code, stdout, stderr } = await demo.result()
    expect(JSON.parse(stdout.at(-1)!)).toMatchObject({ type: 'summary', expected: 100 })
    expect(stderr).toEqual([expect.stringMatching(PAGE), 'ended by SIGINT'])
    expect(code).toBe(130)
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('ends without complaint when nobody reads its output any more', async () => {
    const demo = new Command('demo', '--nodes', '2', '--rate', '5', '--no-page', '--json')
    await demo.until('tells of progress', ({ stdout }) => stdout.length > 0)
    demo.stopReading()
    expect(await demo.result()).toMatchObject({ code: 0, stderr: [] })
  })

  it('goes on without a node whose process was killed, and counts what it took along as lost', async () => {
    const demo = new Command(
      'demo',
      '--nodes',
      '2',
      '--updates',
      '40',
      '--rate',
      '20',
      '--processes',
      '--json'
    )
    await demo.until('has delivered', ({ stdout }) => /"delivered":[1-9]/.test(stdout.at(-1) ?? ''))
    process.kill(childrenOf(demo.pid).at(-1)!, 'SIGKILL')
    const { code, stdout, stderr } = await demo.result()
    const summary = JSON.parse(stdout.at(-1)!) as {
      lost: number
      delivered: number
      expected: number
    }
    expect(summary.lost).toBeGreaterThan(0)
    expect(summary.delivered + summary.lost).toBe(summary.expected)
    expect(stderr.join('\n')).toContain('ended with SIGKILL')
    expect(code).toBe(1)
  })

  it('goes on serving its page after the summary with --serve, until Ctrl-C', async () => {
    const demo = new Command(...small, '--serve', '--port', '0')
    await demo.until('has ended the run', ({ stderr }) =>
      stderr.some((line) => line.endsWith('stays open until Ctrl-C'))
    )
    expect(demo.stdout.at(-1)).toMatch(DELIVERED)
    const url = demo.stdout[0]!.slice('live page: '.length)
    expect(await (await fetch(url)).text()).toContain('rumormill')
    // Another demo does not take another port for its page than it was told.
    const other = await run(...small, '--port', /\d+$/.exec(url)![0])
    expect([other.code, other.stdout]).toEqual([1, []])
    expect(other.stderr.join()).toMatch(/--port.*EADDRINUSE/)
    // What is still open holds nothing up.
    const page = await watch(url)
    demo.pressCtrlC()
    const { code, stdout } = await demo.result()
    expect(code).toBe(130)
    expect(stdout.at(-1)).toMatch(DELIVERED)
    page.leave()
  })

  it('has a page for nodes in processes of their own, too', async () => {
    const demo = new Command(...small, '--serve', '--port', '0', '--processes')
    await demo.until('has ended the run', ({ stderr }) =>
      stderr.some((line) => line.endsWith('stays open until Ctrl-C'))
    )
    const url = demo.stdout[0]!.slice('live page: '.length)
    const { states } = await watch(url)
    const ask = async (command: object): Promise<number> => {
      const headers = { 'content-type': 'application/json', origin: url }
      return (
        await fetch(`${url}/command`, { method: 'POST', headers, body: JSON.stringify(command) })
      ).status
    }
    const sees = (node: number): string =>
      states
        .at(-1)
        ?.nodes[node]?.view.map(([number]) => number)
        .sort()
        .join() ?? ''
    await until('all see all', () => [0, 1, 2, 3].every((node) => sees(node).length === 5))
    expect(await ask({ kind: 'kill', node: 3 })).toBe(200)
    await until('it has left', () => [0, 1, 2].every((node) => !sees(node).includes('3')))
    expect(childrenOf(demo.pid)).toHaveLength(3)
    expect(await ask({ kind: 'partition', nodes: [0] })).toBe(200)
    await until('node 0 is alone', () => sees(0) === '' && sees(1) === '2')
    expect(await ask({ kind: 'submit', node: 1, text: 'hello' })).toBe(200)
    await until('its side has it', () => states.at(-1)!.nodes[2]!.updates === 13)
    expect(states.at(-1)!.nodes[0]!.updates).toBe(12)
    expect(await ask({ kind: 'heal' })).toBe(200)
    expect(await ask({ kind: 'restart', node: 3 })).toBe(200)
    await until('all have it', () => states.at(-1)!.nodes.every(({ updates }) => updates === 13))
    const pids = childrenOf(demo.pid)
    demo.pressCtrlC()
    expect((await demo.result()).code).toBe(130)
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('gives up in time', async () => {
    const { code, stdout, stderr } = await run(...small, '--rate', '1', '--timeout', '0.5')
    expect(stdout.at(-1)).toMatch(/^delivered \d+\/36, lost [1-9]/)
    expect(stderr).toEqual(['time is up (--timeout)'])
    expect(code).toBe(1)
  })

  it.each([
    [['--nodes', '1'], '--nodes'],
    [['--codec', 'xml'], '--codec'],
    [['--transport', 'pigeon'], '--transport'],
    [['--file', '/nowhere/poem.txt'], '--file'],
    [['--timeout', 'soon'], '--timeout']
  ])('names the option that is wrong: %s', async (args, option) => {
    expect(await refusal('demo', ...args)).toContain(option)
  })
})

/** What the command line says, within the test, to words that are wrong. */
async function refusal(...args: readonly string[]): Promise<string> {
  let said = ''
  const program = createProgram(new AbortController().signal, () => {})
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: (text) => void (said += text) })
  }
  const error: unknown = await program.parseAsync(args, { from: 'user' }).then(
    () => 'nothing',
    (reason: unknown) => reason
  )
  return said + describeError(error)
}

function childrenOf(pid: number): number[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
