import { readFileSync } from 'node:fs'
import {
  MeterProvider,
  InMemoryMetricExporter,
  AggregationTemporality,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import { jsonCodec } from '@rumormill/codec-json'
import { eventTally, METRICS, type EventTally } from '@rumormill/metrics'
import { openTelemetryMetrics } from '@rumormill/metrics/opentelemetry'
import { prometheusMetrics } from '@rumormill/metrics/prometheus'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { prometheusName } from '../src/prometheus/prometheus.ts'

interface Member {
  readonly gossip: GossipService
  readonly tally: EventTally
  readonly heard: string[]
}

/** Two nodes that have spread three updates; a third never answers. */
async function pair(): Promise<{ members: Member[]; stop(): Promise<unknown> }> {
  const clock = manualClock()
  const network = memoryNetwork({ clock })
  const members = ['a', 'b'].map((name): Member => {
    const heard: string[] = []
    const tally = eventTally()
    const gossip = createGossip({
      transport: network.transport(name),
      codec: jsonCodec(),
      peerSource: staticPeers(['a', 'b', 'nobody']),
      clock,
      handler: { onUpdate: ({ digest }) => void heard.push(digest) },
      observe: tally.observe
    })
    return { gossip, tally, heard }
  })
  await Promise.all(members.map(({ gossip }) => gossip.start()))
  await clock.advance(2000)
  for (const text of ['x', 'y', 'z']) members[0]!.gossip.submit(new TextEncoder().encode(text))
  await clock.advance(2000)
  return { members, stop: () => Promise.all(members.map(({ gossip }) => gossip.stop())) }
}

/** The samples of a scrape: `name{labels}` and value. Throws on anything else that is not a comment. */
function samples(text: string): Map<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [, name, value] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line)!
        return [name!, Number(value)]
      })
  )
}

describe('prometheus', () => {
  it('exports what the handlers counted for each node, and nothing for a node that has stopped', async () => {
    const { members, stop } = await pair()
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, labelNames: ['node'] })
    for (const [node, { gossip, tally }] of members.entries())
      metrics.add({ gossip, tally, labels: { node: String(node) } })
    const shown = samples(await registry.metrics())
    expect(members[1]!.heard).toHaveLength(3)
    expect(shown.get('rumormill_delivered_updates_total{node="1"}')).toBe(3)
    expect(shown.get('rumormill_submitted_updates_total{node="0"}')).toBe(3)
    expect(shown.get('rumormill_sent_bytes_total{node="0"}')).toBe(
      members[0]!.gossip.stats().sentBytes
    )
    expect(
      shown.get('rumormill_failures_by_code_total{node="0",code="UNREACHABLE"}')
    ).toBeGreaterThan(0)
    expect(shown.get('rumormill_dropped_total{node="0",reason="store-full"}')).toBe(0)
    // Read again, not added up.
    expect(samples(await registry.metrics())).toEqual(shown)
    await stop()
    expect(samples(await registry.metrics()).size).toBe(0)
  })

  it('does not export a source that was removed', async () => {
    const { members, stop } = await pair()
    const registry = new Registry()
    const remove = prometheusMetrics({ registry, labelNames: ['node'] }).add({
      gossip: members[0]!.gossip,
      labels: { node: 'a' }
    })
    expect(samples(await registry.metrics()).get('rumormill_view_peers{node="a"}')).toBe(
      members[0]!.gossip.stats().viewSize
    )
    remove()
    expect(samples(await registry.metrics()).size).toBe(0)
    await stop()
  })

  it('follows the conventions: each name once, with help; counters end in _total, sizes in bytes', async () => {
    const registry = new Registry()
    prometheusMetrics({ registry })
    const text = await registry.metrics()
    const types = [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(
      ([, name, type]) => [name!, type!] as const
    )
    expect(types.map(([name]) => name)).toEqual([...new Set(types.map(([name]) => name))])
    expect(types).toHaveLength(METRICS.length)
    for (const [name, type] of types) {
      expect(name).toMatch(/^rumormill_[a-z_]+$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(text).toMatch(new RegExp(`^# HELP ${name} [A-Z].*\\.$`, 'm'))
    }
    for (const { unit, name } of METRICS)
      if (unit === 'By') expect(text).toContain(`rumormill_${name}_bytes`)
  })

  it('has a table of all metrics in the README', () => {
    const rows = METRICS.map((metric) => {
      const { name, unit, help, label } = metric
      return `| \`${prometheusName(metric)}\` | \`rumormill.${name}\` | ${unit} | ${help}${label === undefined ? '' : ` Label: \`${label}\`.`} |`
    })
    const [, table] = readFileSync(new URL('../README.md', import.meta.url), 'utf8').split(
      '| --- | --- | --- | --- |\n'
    )
    expect(table).toBe(`${rows.join('\n')}\n`)
  })

  it('has a dashboard whose expressions only name existing metrics', async () => {
    const registry = new Registry()
    prometheusMetrics({ registry })
    const names = (await registry.getMetricsAsJSON()).map(({ name }) => name)
    const board = readFileSync(new URL('../grafana.json', import.meta.url), 'utf8')
    const named = [...board.matchAll(/\b(rumormill_\w+)/g)].map(([, name]) => name!)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !names.includes(name))).toEqual([])
  })
})

describe('opentelemetry', () => {
  it('exports the same figures, with units', async () => {
    const { members, stop } = await pair()
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
    const provider = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })]
    })
    const { gossip, tally } = members[1]!
    openTelemetryMetrics(provider.getMeter('test')).add({ gossip, tally, labels: { node: 'b' } })
    await provider.forceFlush()
    const found = new Map(
      exporter
        .getMetrics()
        .at(-1)!
        .scopeMetrics[0]!.metrics.map((metric) => [metric.descriptor.name, metric])
    )
    expect(found.get('rumormill.delivered_updates')).toMatchObject({
      descriptor: { unit: '{update}' },
      isMonotonic: true,
      dataPoints: [{ value: 3, attributes: { node: 'b' } }]
    })
    expect(found.get('rumormill.received')).toMatchObject({
      descriptor: { unit: 'By' },
      dataPoints: [{ value: gossip.stats().receivedBytes }]
    })
    expect(found.get('rumormill.active_updates')).toMatchObject({
      isMonotonic: false,
      dataPoints: [{ value: 3 }]
    })
    await stop()
    await provider.shutdown()
  })
})
