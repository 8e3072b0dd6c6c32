import { describe, expect, it } from 'vitest'
import type { Group, Seat } from '../../src/demo/group.ts'
import { Chronicle } from '../../src/page/chronicle.ts'

/** A chronicle of a group of so many, and what happens there. */
function chronicleOf(nodes: number) {
  const seats = Array.from({ length: nodes }, (_, number): Seat & { status: string } => {
    return { number, status: 'up', life: 0, address: `${number}`, sight: undefined }
  }) as { -readonly [Name in keyof Seat]: Seat[Name] }[]
  const chronicle = new Chronicle(1)
  chronicle.belongsTo({ seats } as unknown as Group)
  const listener = chronicle.listener()
  return {
    chronicle,
    submit: (number: number, content: string, atMs: number) =>
      listener.submitted(seats[number]!, content, atMs),
    deliver: (number: number, content: string, atMs: number, from?: number) => {
      listener.delivered(seats[number]!, content, atMs, from)
    },
    end(number: number) {
      seats[number]!.status = 'down'
      listener.ended(seats[number]!, 'killed')
    }
  }
}

describe('Chronicle', () => {
  it('tells from whom each node had an update, and when all have it', () => {
    const { chronicle, submit, deliver } = chronicleOf(3)
    submit(0, 'a', 5000)
    deliver(1, 'a', 5002, 0)
    expect(chronicle.takeSpreads()).toEqual([
      { run: 1, id: 0, origin: 0, text: 'a', arrivals: [[1, 0, 2]], complete: false }
    ])
    expect(chronicle.takeTimes()).toEqual([])
    deliver(2, 'a', 5004, 1)
    deliver(2, 'a', 5009, 0)
    expect(chronicle.takeSpreads()).toMatchObject([
      {
        arrivals: [
          [1, 0, 2],
          [2, 1, 4]
        ],
        complete: true
      }
    ])
    expect(chronicle.takeTimes()).toEqual([[0, 4]])
    expect([chronicle.takeSpreads(), chronicle.takeTimes()]).toEqual([[], []])
    expect(chronicle.past).toMatchObject({ times: [[0, 4]], spread: { id: 0, complete: true } })
  })

  it('takes an arrival that is told of before its submission', () => {
    const { chronicle, submit, deliver } = chronicleOf(2)
    deliver(1, 'a', 5001, 0)
    expect(chronicle.takeSpreads()).toEqual([])
    submit(0, 'a', 5000)
    expect(chronicle.takeSpreads()).toMatchObject([
      { origin: 0, arrivals: [[1, 0, 1]], complete: true }
    ])
  })

  it('does not wait for the dead', () => {
    const { chronicle, submit, deliver, end } = chronicleOf(3)
    submit(0, 'a', 5000)
    deliver(1, 'a', 5003, 0)
    end(2)
    expect(chronicle.takeTimes()).toEqual([[0, 3]])
  })

  it('follows one update at times, and each that it is told to follow', () => {
    const { chronicle, submit } = chronicleOf(2)
    submit(0, 'a', 5000)
    submit(0, 'b', 5100)
    chronicle.follow('c')
    submit(0, 'c', 5200)
    submit(0, 'd', 7000)
    expect(chronicle.takeSpreads().map(({ text }) => text)).toEqual(['a', 'c', 'd'])
  })

  it('tells of what happened while nobody looked on as the past only', () => {
    const { chronicle, submit, deliver } = chronicleOf(2)
    submit(0, 'a', 5000)
    deliver(1, 'a', 5003, 0)
    chronicle.forgetNews()
    expect([chronicle.takeSpreads(), chronicle.takeTimes()]).toEqual([[], []])
    expect(chronicle.past).toMatchObject({ times: [[0, 3]], spread: { id: 0 } })
  })

  it('remembers a bounded number', () => {
    const { chronicle, submit, deliver } = chronicleOf(2)
    for (let count = 0; count < 300; count++) {
      submit(0, `${count}`, 5000)
      if (count > 0) deliver(1, `${count}`, 5001, 0)
    }
    deliver(1, '0', 5001, 0)
    expect(chronicle.past.times).toHaveLength(200)
    expect(chronicle.takeTimes()).toHaveLength(200)
  })
})
