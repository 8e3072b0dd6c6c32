import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makePlan } from '../../src/demo/plan.ts'

describe('makePlan', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rumormill-plan-'))
  const file = join(folder, 'poem.txt')
  writeFileSync(file, 'roses\n\n  \r\nroses\r\nviolets')
  afterAll(() => rmSync(folder, { recursive: true }))

  it('takes the lines that say something, each with its number', async () => {
    const plan = await makePlan({ file, nodes: 3, seed: 1 })
    const contents = ['poem.txt:1: roses', 'poem.txt:4: roses', 'poem.txt:5: violets']
    expect(plan.map(({ content }) => content)).toEqual(contents)
  })

  it('starts again from the first line, and says nothing twice', async () => {
    const plan = await makePlan({ file, nodes: 3, updates: 8, seed: 1 })
    expect(plan[3]!.content).toBe('poem.txt:1 (2): roses')
    expect(new Set(plan.map(({ content }) => content)).size).toBe(8)
  })

  it('chooses the same nodes for the same seed, and all of them in time', async () => {
    const origins = async (seed: number): Promise<number[]> =>
      (await makePlan({ file, nodes: 3, updates: 60, seed })).map(({ origin }) => origin)
    expect(await origins(7)).toEqual(await origins(7))
    expect(await origins(7)).not.toEqual(await origins(8))
    expect(new Set(await origins(7))).toEqual(new Set([0, 1, 2]))
  })

  it('names --file when there is nothing to read', async () => {
    await expect(makePlan({ file: join(folder, 'none'), nodes: 3, seed: 1 })).rejects.toThrow(
      /--file .*none/
    )
    const empty = join(folder, 'empty')
    writeFileSync(empty, '\n')
    await expect(makePlan({ file: empty, nodes: 3, seed: 1 })).rejects.toThrow(/--file .*empty/)
  })
})
