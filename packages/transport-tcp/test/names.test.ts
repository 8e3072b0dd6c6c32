/** Host names, resolved with files and a name server of the test. */

import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { candidatesOf, hostsOf, Names, type NameFiles } from '../src/names.ts'

const folder = mkdtempSync(join(tmpdir(), 'rumormill-names-'))

/** A name server that knows IPv4 addresses; of `undefined` it says nothing, of others that they are not there. */
async function nameServer(
  known: Readonly<Record<string, string | undefined>>
): Promise<{ newResolver: () => Resolver; asked: string[] }> {
  const asked: string[] = []
  const socket = createSocket('udp4', (question, { port }) => {
    const labels: string[] = []
    let at = 12
    for (; question[at]! > 0; at += 1 + question[at]!)
      labels.push(question.subarray(at + 1, at + 1 + question[at]!).toString())
    const name = labels.join('.').toLowerCase()
    asked.push(name)
    if (name in known && known[name] === undefined) return
    const ip = question.readUInt16BE(at + 1) === 1 ? known[name] : undefined
    const head = Buffer.from(question.subarray(0, at + 5))
    head.writeUInt16BE(name in known ? 0x8180 : 0x8183, 2)
    head.writeUInt16BE(ip === undefined ? 0 : 1, 6)
    head.fill(0, 8, 12)
    const answer = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ...(ip ?? '').split('.').map(Number)]
    socket.send(ip === undefined ? head : Buffer.concat([head, Buffer.from(answer)]), port)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  const server = `127.0.0.1:${socket.address().port}`
  const newResolver = (): Resolver => {
    const resolver = new Resolver({ timeout: 1000, tries: 2 })
    resolver.setServers([server])
    return resolver
  }
  return { newResolver, asked }
}

let written = 0
function files(hosts: string, resolv: string = ''): NameFiles {
  const paths = {
    hosts: join(folder, `hosts${++written}`),
    resolv: join(folder, `resolv${written}`)
  }
  writeFileSync(paths.hosts, hosts)
  writeFileSync(paths.resolv, resolv)
  return paths
}

describe.runIf(process.platform === 'linux')('names', () => {
  test('are found in the hosts file without a query, also when name servers are silent', async () => {
    const { newResolver, asked } = await nameServer({ 'slow.example': undefined })
    const names = new Names(
      files('10.0.0.7 Node-B alias # us\n::ffff:10.0.0.8 node-b'),
      newResolver
    )
    const slow = Array.from({ length: 50 }, () => names.resolve('slow.example').catch(() => 'none'))
    expect(await names.resolve('node-b')).toEqual(['10.0.0.7', '10.0.0.8'])
    expect(await names.resolve('localhost')).toEqual(['127.0.0.1', '::1'])
    expect(asked).not.toContain('node-b')
    names.stop()
    expect(new Set(await Promise.all(slow))).toEqual(new Set(['none']))
  })

  test('of a name server are found while other names get no answer', async () => {
    const { newResolver } = await nameServer({
      'slow.example': undefined,
      'there.example': '10.0.0.9'
    })
    const names = new Names(files(''), newResolver)
    const slow = Array.from({ length: 50 }, () => names.resolve('slow.example').catch(String))
    expect(await names.resolve('there.example')).toEqual(['10.0.0.9'])
    expect((await Promise.all(slow))[0]).toMatch(/TIMEOUT|in time/)
    names.stop()
  })

  test('that do not exist are reported at once', async () => {
    const { newResolver } = await nameServer({})
    const names = new Names(files(''), newResolver)
    await expect(names.resolve('nobody.example')).rejects.toThrow('there is no host nobody.example')
  })

  test('are completed by the search list, and follow it and the hosts file when they change', async () => {
    const { newResolver, asked } = await nameServer({ 'pod.ns.local': '10.0.0.9' })
    const paths = files('', 'search other.local ns.local\noptions ndots:5')
    const names = new Names(paths, newResolver)
    expect(await names.resolve('pod')).toEqual(['10.0.0.9'])
    expect(asked[0]).toBe('pod.other.local')
    writeFileSync(paths.hosts, '10.0.0.10 pod')
    expect(await names.resolve('pod')).toEqual(['10.0.0.10'])
  })
})

test('a hosts file: comments, several names, several lines', () => {
  const text = '# 1.1.1.1 a\n127.0.0.1\tlocalhost\n1.2.3.4 a b # c\n::1 B\n\n'
  expect([hostsOf(text, 'a'), hostsOf(text, 'b'), hostsOf(text, 'c')]).toEqual([
    ['1.2.3.4'],
    ['1.2.3.4', '::1'],
    []
  ])
})

test('a search list: names with enough dots are tried unchanged first, names with a final dot only so', () => {
  const resolv = 'nameserver 1.1.1.1\nsearch a.b c'
  expect(candidatesOf(resolv, 'x')).toEqual(['x.a.b', 'x.c', 'x'])
  expect(candidatesOf(resolv, 'x.y')).toEqual(['x.y', 'x.y.a.b', 'x.y.c'])
  expect(candidatesOf(`${resolv}\noptions ndots:2 rotate`, 'x.y')).toEqual([
    'x.y.a.b',
    'x.y.c',
    'x.y'
  ])
  expect(candidatesOf(resolv, 'x.')).toEqual(['x'])
  expect(candidatesOf('', 'x')).toEqual(['x'])
})
