import { describe, expect, it } from 'vitest'
import { TREE_MS, Trees } from '../../src/broadcast/trees.ts'

const neighbors =
  (...peers: string[]) =>
  (): string[] =>
    peers
const nobody = neighbors()

describe('a tree', () => {
  it('begins as all links, and keeps those that are not pruned', () => {
    const trees = new Trees(8)
    expect([...trees.branches(1, 0, neighbors('a', 'b', 'c'))]).toEqual(['a', 'b', 'c'])
    trees.prune(1, 'b')
    expect([...trees.branches(1, 1, neighbors('d'))]).toEqual(['a', 'c'])
    expect([...trees.branches(2, 1, neighbors('d'))]).toEqual(['d'])
  })

  it('adds a branch to a peer that had to fetch, up to its limit', () => {
    const trees = new Trees(2)
    trees.graft(1, 'unknown tree')
    trees.branches(1, 0, neighbors('a'))
    for (const peer of ['b', 'c']) trees.graft(1, peer)
    expect([...trees.branches(1, 0, nobody)]).toEqual(['a', 'b'])
  })

  it('loses the branches to a peer that is gone', () => {
    const trees = new Trees(8)
    for (const tree of [1, 2]) trees.branches(tree, 0, neighbors('a', 'b'))
    trees.forget('a')
    expect([1, 2].map((tree) => [...trees.branches(tree, 0, nobody)])).toEqual([['b'], ['b']])
  })
})

describe('the parent in a tree', () => {
  const brought = (trees: Trees, ...peers: string[]): void => {
    for (const peer of peers) trees.brought(1, peer, 0, neighbors('a', 'b', 'c'))
  }

  it('is the peer that was first with the first update, until others are first with three in a row', () => {
    const trees = new Trees(8)
    expect(trees.isParent(1, 'a')).toBe(false)
    brought(trees, 'a', 'b', 'b', 'a', 'b', 'c')
    expect(trees.isParent(1, 'a')).toBe(true)
    brought(trees, 'c')
    expect(trees.isParent(1, 'a')).toBe(false)
    expect(trees.isParent(1, 'c')).toBe(true)
  })

  it('that is gone is followed by the peer that is first next', () => {
    const trees = new Trees(8)
    brought(trees, 'a')
    trees.forget('a')
    brought(trees, 'b')
    expect(trees.isParent(1, 'b')).toBe(true)
    expect([...trees.branches(1, 0, nobody)]).toEqual(['b', 'c'])
  })
})

describe('trees', () => {
  it('take bounded memory: the one not used for longest is forgotten', () => {
    const trees = new Trees(8)
    for (let tree = 0; tree < 1024; tree++) trees.branches(tree, 0, neighbors('a'))
    trees.branches(0, 1, nobody)
    trees.branches(1024, 2, neighbors('a'))
    expect([...trees.branches(0, 3, neighbors('new'))]).toEqual(['a'])
    expect([...trees.branches(1, 4, neighbors('new'))]).toEqual(['new'])
  })

  it('are forgotten when they were not used for long', () => {
    const trees = new Trees(8)
    for (let tree = 0; tree < 512; tree++) trees.branches(tree, 0, neighbors('a'))
    expect(trees.isCrowded).toBe(true)
    trees.branches(600, TREE_MS - 1, nobody)
    expect(trees.isCrowded).toBe(true)
    trees.branches(601, TREE_MS, nobody)
    expect(trees.isCrowded).toBe(false)
  })
})
