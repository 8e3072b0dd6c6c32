import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Command, run } from '../command.ts'

const small = ['demo', '--nodes', '4', '--updates', '12', '--rate', '200']
const PAGE = /^live page: http:\/\/127\.0\.0\.1:\d+$/
const DELIVERED = /^delivered 36\/36, lost 0, duplicates 0, p50 [\d.]+ ms, p99 [\d.]+ ms$/

describe('rumormill demo', { timeout: 20_000 }, () => {
  it.each(['binary', 'json'])('delivers every line to every other node, once, with codec %s', async (codec) => {
    const { code, stdout, stderr } = await run(...small, '--codec', codec)
    expect(stderr).toEqual([])
    expect(stdout[0]).toMatch(PAGE)
    expect(stdout.at(-1)).toMatch(DELIVERED)
    expect(code).toBe(0)
  })

  it('shows JSON, one object a line, the summary last; with a process for each node', async () => {
    const { code, stdout } = await run(...small, '--processes', '--json')
    const objects = stdout.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(objects.slice(0, -1).every(({ type, nodes }) => type === 'progress' && nodes === 4)).toBe(true)
    expect(objects.at(-1)).toEqual({
      type: 'summary', nodes: 4, updates: 12, expected: 36, delivered: 36, lost: 0, duplicates: 0,
      p50Ms: expect.any(Number), p99Ms: expect.any(Number)
    })
    expect(code).toBe(0)
  })

  it('ends with a summary at Ctrl-C, and leaves no process behind', async () => {
    const demo = new Command('demo', '--nodes', '3', '--updates', '50', '--rate', '5', '--processes', '--json')
    await demo.until('has connected', ({ stdout }) => stdout.some((line) => line.includes('"connected":3')))
    const pids = childrenOf(demo.pid)
    expect(pids).toHaveLength(3)
    demo.pressCtrlC()
    const { code, stdout, stderr } = await demo.outcome()
    expect(JSON.parse(stdout.at(-1)!)).toMatchObject({ type: 'summary', expected: 100 })
    expect(stderr).toEqual([expect.stringMatching(PAGE), 'ended by SIGINT'])
    expect(code).toBe(130)
    expect(pids.filter(isRunning)).toEqual([])
  })

  it('goes on without a node whose process was killed, and counts what it took along as lost', async () => {
    const demo = new Command('demo', '--nodes', '3', '--updates', '20', '--rate', '20', '--processes', '--json')
    await demo.until('has delivered', ({ stdout }) => /"delivered":[1-9]/.test(stdout.at(-1) ?? ''))
    process.kill(childrenOf(demo.pid).at(-1)!, 'SIGKILL')
    const { code, stdout, stderr } = await demo.outcome()
    const summary = JSON.parse(stdout.at(-1)!) as { lost: number, delivered: number, expected: number }
    expect(summary.lost).toBeGreaterThan(0)
    expect(summary.delivered + summary.lost).toBe(summary.expected)
    expect(stderr.join('\n')).toContain('ended with SIGKILL')
    expect(code).toBe(1)
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
    const { code, stdout, stderr } = await run('demo', ...args)
    expect(stderr.join('\n')).toContain(option)
    expect(stdout).toEqual([])
    expect(code).toBe(1)
  })
})

function childrenOf(pid: number): number[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n').map(Number)
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
