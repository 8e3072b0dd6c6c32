import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasEnded, messageOf } from '../src/child-process.ts'
import { NodeProcess, type Answer } from '../src/node-process.ts'
import { until } from '../src/until.ts'

type Order =
  | { readonly kind: 'double'; readonly number: number }
  | { readonly kind: 'shout'; readonly word: string }
  | { readonly kind: 'ignore' }
type News = Answer<number> | { readonly kind: 'word'; readonly word: string }

const script = fileURLToPath(new URL('echo-process.mjs', import.meta.url))

describe('a node process', () => {
  let heard: string[]
  let node: NodeProcess<Order, News>

  beforeEach(() => {
    heard = []
    node = new NodeProcess<Order, News>(fork(script), 'the echo', ({ word }) => heard.push(word))
  })
  afterEach(() => node.kill())

  it('answers each question, and says the rest beside', async () => {
    node.say({ kind: 'shout', word: 'rumor' })
    const answers = [1, 2, 3].map((number) => node.ask<number>({ kind: 'double', number }))
    expect(await Promise.all(answers)).toEqual([2, 4, 6])
    expect(heard).toEqual(['RUMOR'])
  })

  it('rejects the questions that it leaves open, and later ones', async () => {
    const open = expect(node.ask({ kind: 'ignore' })).rejects.toThrow('the echo has ended')
    await node.kill()
    expect(hasEnded(node.child)).toBe(true)
    await open
    node.say({ kind: 'ignore' })
    await expect(node.ask({ kind: 'ignore' })).rejects.toThrow('the echo has ended')
    await node.kill()
  })
})

describe('messageOf', () => {
  it('rejects when the process ends first', async () => {
    const child = fork(script)
    const message = expect(messageOf(child, 'the echo')).rejects.toThrow('the echo ended early')
    child.kill()
    await message
    expect(child.listenerCount('message')).toBe(0)
  })

  it('rejects when it is aborted', async () => {
    const child = fork(script)
    await expect(messageOf(child, 'the echo', AbortSignal.timeout(1))).rejects.toThrow(/abort/i)
    child.disconnect()
    // The process ends with its parent.
    expect(await until(() => hasEnded(child), 60_000)).toBe(true)
  })
})
