import { binaryCodec } from '@rumormill/codec-binary'
import type { Codec } from '@rumormill/protocol/plugin'
import { describe, expect, it } from 'vitest'
import {
  forEachSeed,
  simulate,
  type SimulatedApp,
  type Simulation,
  type SimulationOptions,
  type Stage
} from '../src/simulate.ts'

class Log implements SimulatedApp {
  readonly heard: string[] = []
  onUpdate({ content }: { content: Uint8Array }): void {
    this.heard.push(new TextDecoder().decode(content))
  }
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function run(
  script: (stage: Stage<Log>) => void,
  options: Partial<SimulationOptions<Log>> = {}
): Simulation<Log> {
  return simulate({ nodes: 10, durationMs: 30_000, app: () => new Log(), script, ...options })
}

const heardBy = ({ apps }: Simulation<Log>, text: string): number[] =>
  [...apps].filter(([, { heard }]) => heard.includes(text)).map(([node]) => node)
const others = (node: number): number[] =>
  Array.from({ length: 10 }, (_, n) => n).filter((n) => n !== node)

describe('a simulated group', () => {
  const rough = {
    loss: 0.1,
    duplicate: 0.1,
    reorder: 0.1,
    delayMs: { least: 5, mean: 50 }
  }

  it('delivers an update once to every node except its origin, also over a bad network', () => {
    const { apps, report } = run((stage) => stage.at(5000, () => stage.submit(3, bytes('hello'))), {
      network: rough,
      // With others, the pushes reach all, and nothing is left to fetch.
      seed: 4
    })
    expect([...apps].map(([, { heard }]) => heard.length)).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
    expect(report.updates).toMatchObject([{ submittedBy: 3, submittedAtMs: 5000, reached: 10 }])
    expect(report.updates[0]!.lastMs).toBeGreaterThan(0)
    expect(report).toMatchObject({
      liveNodes: 10,
      clusters: 1,
      deadLinks: 0,
      handlerErrors: [],
      contentsDelivered: 9
    })
    expect(
      Math.min(report.lost, report.duplicated, report.traffic['content-response'].bytes)
    ).toBeGreaterThan(0)
  })

  it('is the same byte for byte for the same seed, and differs for another', () => {
    const report = (seed: number): string =>
      JSON.stringify(
        run((stage) => stage.at(5000, () => stage.submit(3, bytes('hello'))), {
          network: rough,
          seed
        }).report
      )
    expect(report(7)).toBe(report(7))
    expect(report(7)).not.toBe(report(8))
  })

  it('of 60 nodes spreads 240 updates by rounds alone, with a fraction of the bytes of lists', () => {
    const cost = (reconciliation: 'sketch' | 'list'): number => {
      const { apps, report } = run(
        (stage) => {
          for (let n = 0; n < 240; n++)
            stage.at(5000 + 10 * n, () => stage.submit(n % 60, bytes(`update ${n}`)))
        },
        {
          nodes: 60,
          durationMs: 25_000,
          network: rough,
          broadcast: { mode: 'off' },
          antiEntropy: { reconciliation }
        }
      )
      expect(report.updates.filter(({ reached }) => reached < 60)).toEqual([])
      expect([...apps].filter(([, { heard }]) => heard.length !== 236)).toEqual([])
      return Object.entries(report.traffic).reduce(
        (sum, [kind, traffic]) => (/view|content/.test(kind) ? sum : sum + traffic.bytes),
        0
      )
    }
    expect(cost('sketch')).toBeLessThan(cost('list') / 4)
  })

  it('encodes messages with a codec', () => {
    let messages = 0
    const plain = binaryCodec()
    const codec: Codec = { ...plain, decode: (encoded) => (messages++, plain.decode(encoded)) }
    const { report } = run((stage) => stage.at(5000, () => stage.submit(3, bytes('hello'))), {
      codec
    })
    expect(report.updates[0]!.reached).toBe(10)
    expect(messages).toBe(
      Object.values(report.traffic).reduce((sum, traffic) => sum + traffic.messages, 0)
    )
  })

  it('does not converge while partitioned, and converges afterwards', () => {
    const during = run((stage) => {
      stage.at(5000, () =>
        stage.partition([
          [0, 1, 2, 3, 4],
          [5, 6, 7, 8, 9]
        ])
      )
      stage.at(6000, () => stage.submit(0, bytes('left')))
    })
    expect(heardBy(during, 'left')).toEqual([1, 2, 3, 4])
    expect(during.report.unreachable).toBeGreaterThan(0)
    const after = run(
      (stage) => {
        stage.at(5000, () =>
          stage.partition([
            [0, 1, 2, 3, 4],
            [5, 6, 7, 8, 9]
          ])
        )
        stage.at(6000, () => stage.submit(0, bytes('left')))
        stage.at(15_000, () => stage.heal())
      },
      { durationMs: 60_000 }
    )
    expect(heardBy(after, 'left')).toEqual(others(0))
  })

  it('receives nothing from a node whose outgoing messages are cut', () => {
    const mute = run((stage) => {
      stage.at(5000, () => stage.cut([0], others(0)))
      stage.at(6000, () => stage.submit(0, bytes('mute')))
      stage.at(6000, () => stage.submit(1, bytes('to all')))
    })
    expect(heardBy(mute, 'mute')).toEqual([])
    // It cannot ask, but what is handed on comes all the same.
    expect(heardBy(mute, 'to all')).toContain(0)
  })
})

describe('nodes', () => {
  it('crash, and restart with an empty store', () => {
    const result = run((stage) => {
      stage.at(5000, () => stage.submit(0, bytes('early')))
      stage.at(10_000, () => stage.crash(4))
      stage.at(15_000, () => stage.submit(0, bytes('late')))
      stage.at(20_000, () => stage.restart(4))
    })
    expect(result.apps.get(4)!.heard.sort()).toEqual(['early', 'late'])
    const gone = run((stage) => stage.at(10_000, () => stage.crash(4)))
    expect([gone.report.liveNodes, gone.apps.has(4), gone.report.deadLinks]).toEqual([9, false, 0])
  })

  it('that pause receive later what they missed', () => {
    const script =
      (resumeMs: number) =>
      (stage: Stage<Log>): void => {
        stage.at(5000, () => stage.pause(4))
        stage.at(6000, () => stage.submit(0, bytes('news')))
        stage.at(resumeMs, () => stage.resume(4))
      }
    expect(heardBy(run(script(40_000)), 'news')).not.toContain(4)
    expect(heardBy(run(script(15_000)), 'news')).toContain(4)
  })

  it('join later', () => {
    const result = run((stage) => {
      stage.at(5000, () => stage.submit(0, bytes('early')))
      stage.at(10_000, () => expect(stage.join([7])).toBe(10))
    })
    expect(heardBy(result, 'early')).toContain(10)
    expect(result.report.liveNodes).toBe(11)
  })

  it('have timers, which end with them, and may submit at once', () => {
    const fired: number[] = []
    const { report } = simulate({
      nodes: 5,
      durationMs: 20_000,
      app: (node) => {
        node.after(10_000, () => fired.push(node.number))
        return { onUpdate: () => void node.submit(bytes(`${node.number} has heard`)) }
      },
      script: (stage) => {
        stage.at(3000, () => stage.crash(4))
        stage.at(3000, () => stage.submit(0, bytes('hello')))
      }
    })
    expect(fired).toEqual([0, 1, 2, 3])
    expect(report.updates.map(({ reached }) => reached)).toEqual([4, 4, 4, 4, 4])
  })
})

describe('handlers', () => {
  const broadcast = (onUpdate: () => unknown): Simulation<SimulatedApp> =>
    simulate({
      nodes: 3,
      durationMs: 10_000,
      app: () => ({ onUpdate }),
      script: (stage) => stage.at(2000, () => stage.submit(0, bytes('x')))
    })

  it('that throw are reported, and the node goes on', () => {
    const { report } = broadcast(() => {
      throw new Error('oh')
    })
    expect(report.handlerErrors).toMatchObject([{ error: 'Error: oh' }, { error: 'Error: oh' }])
    expect(report.updates[0]!.reached).toBe(3)
  })

  it('that are asynchronous are refused', () => {
    expect(() => broadcast(() => Promise.resolve())).toThrow('virtual time does not wait')
  })
})

it('the error names the failing seed', () => {
  const tried: number[] = []
  const fail = (seed: number): void => {
    tried.push(seed)
    if (seed === 3) throw new Error('three')
  }
  expect(() => forEachSeed(5, fail)).toThrow(
    'seed 3 fails, reproduce it with forEachSeed([3], ...): three'
  )
  expect(tried).toEqual([1, 2, 3])
  forEachSeed([4, 9], (seed) => tried.push(seed))
  expect(tried).toEqual([1, 2, 3, 4, 9])
})
