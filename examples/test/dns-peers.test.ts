import { Resolver } from 'node:dns/promises'
import { peerSourceConformance } from '@rumormill/testkit'
import { describe, expect, it } from 'vitest'
import { dnsPeers } from '../src/dns-peers.ts'
import { dnsServer, type Zone } from './dns-server.ts'
import { Program } from './program.ts'

const NAME = '_gossip._tcp.example.test'
const zoneOf = (): Zone => ({
  srv: {
    [NAME]: [
      { host: 'a.example.test', port: 9000 },
      { host: 'b.example.test', port: 9001 }
    ]
  },
  a: { 'a.example.test': ['10.0.0.1', '10.0.0.2'], 'b.example.test': ['10.0.0.3'] }
})
const ALL = ['10.0.0.1:9000', '10.0.0.2:9000', '10.0.0.3:9001']
/** How long an answer may take. */
const ANSWER_MS = 60_000
const forEver = new AbortController().signal

async function sourceOf(zone: Zone) {
  const server = await dnsServer(zone)
  const failures: Error[] = []
  const createResolver = (): Resolver => {
    const resolver = new Resolver({ timeout: ANSWER_MS, tries: 1 })
    resolver.setServers([server])
    return resolver
  }
  return {
    failures,
    source: dnsPeers({ name: NAME, report: (error) => failures.push(error), createResolver })
  }
}

describe('the peer source', () => {
  const zone = zoneOf()
  const create = async () => (await sourceOf(zone)).source
  const change = (): void => {
    zone.srv[NAME] = zone.srv[NAME]!.toReversed()
  }
  for (const { name, run } of peerSourceConformance(create, {
    expected: ALL,
    change,
    timeoutMs: 60_000
  }))
    it(name, () => run())

  it('reports a host without an address, and names the others', async () => {
    const broken = zoneOf()
    delete broken.a['a.example.test']
    const { source, failures } = await sourceOf(broken)
    expect(await source.peers({ signal: forEver })).toEqual(['10.0.0.3:9001'])
    expect(failures.map(({ message }) => message)).toEqual(['queryA ENOTFOUND a.example.test'])
  })

  it('rejects when there are no records', async () => {
    const { source } = await sourceOf({ srv: {}, a: {} })
    await expect(source.peers({ signal: forEver })).rejects.toThrow(`querySrv ENOTFOUND ${NAME}`)
  })

  it('cancels a question that nobody wants answered any more', async () => {
    const { source, failures } = await sourceOf({ ...zoneOf(), silent: true })
    const [controller, reason, startMs] = [
      new AbortController(),
      new RangeError('no longer wanted'),
      performance.now()
    ]
    const asked = source.peers({ signal: controller.signal })
    controller.abort(reason)
    await expect(asked).rejects.toBe(reason)
    expect(performance.now() - startMs).toBeLessThan(ANSWER_MS / 2)
    expect(failures).toEqual([])
  })
})

it('lets nodes find one another as soon as DNS names them', async () => {
  const zone: Zone = { srv: {}, a: { 'here.test': ['127.0.0.1'] } }
  const server = await dnsServer(zone)
  const start = () => new Program(['dns-peers', NAME, '127.0.0.1', '0', server])
  const programs = [start(), start()]
  const addresses = await Promise.all(
    programs.map((program) => program.prints(/^listening on (.+)$/))
  )
  for (const program of programs)
    await program.prints(/^! PEER_SOURCE_FAILED: .*querySrv ENOTFOUND/)
  const ports = addresses.map((address) => Number(address.split(':')[1]))
  zone.srv[NAME] = [
    ...ports.map((port) => ({ host: 'here.test', port })),
    { host: 'gone.test', port: 1 }
  ]
  await programs[0]!.prints(new RegExp(`^hello from ${addresses[1]!}`))
  await programs[1]!.prints(new RegExp(`^hello from ${addresses[0]!}`))
  const ends = await Promise.all(programs.map((program) => program.pressCtrlC()))
  expect(ends.map(({ code }) => code)).toEqual([0, 0])
  // Whoever was found by the other need not ask again.
  expect(ends.flatMap(({ lines }) => lines)).toContain('! queryA ENOTFOUND gone.test')
})

it('says how it is used', async () => {
  const { code, lines } = await new Program(['dns-peers']).outcome()
  expect([code, ...lines]).toEqual([1, '! npm run example -- dns-peers NAME HOST PORT [SERVER]'])
})
