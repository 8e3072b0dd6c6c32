/** A life of the commands with one transport and one codec, through the command line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@rumormill/protocol'
import { expect, onTestFinished } from 'vitest'
import type { CodecName, TransportName } from '../src/plugin-names.ts'
import { freeAddress, run, startChat } from './command.ts'
import { Partner } from './partner.ts'

export interface Combination {
  readonly transport: TransportName
  readonly codec: CodecName
}

export const combinations: readonly Combination[] = (['tcp', 'libp2p'] as const).flatMap(
  (transport) => (['binary', 'json'] as const).map((codec) => ({ transport, codec }))
)

/** Chats, kills one of the two chats, starts it again, and publishes a file. */
export async function carriesChatAndFile({ transport, codec }: Combination): Promise<void> {
  const plugins = ['--transport', transport, '--codec', codec]
  const folder = mkdtempSync(join(tmpdir(), 'rumormill-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // A libp2p address holds the id: with a key file it is the same after a restart.
  const keep = transport === 'libp2p' ? ['--key-file', join(folder, 'key')] : []
  const a = await Partner.start({ transport, codec })
  const at = await freeAddress()
  const b = await startChat(...plugins, ...keep, '--listen', at, '--peer', a.address)
  a.says('one')
  await b.chat.prints(`<${a.address}> one`)
  b.chat.signal('SIGKILL')
  await b.chat.result()
  a.says('two')
  const again = await startChat(...plugins, ...keep, '--listen', at, '--peer', a.address)
  expect(again.address).toBe(b.address)
  await again.chat.prints(`<${a.address}> one`)
  await again.chat.prints(`<${a.address}> two`)
  const file = join(folder, 'file')
  writeFileSync(file, 'some bytes')
  const { code, stdout } = await run('publish', '--peer', a.address, ...plugins, file)
  expect([code, stdout]).toEqual([0, [digestOf(new TextEncoder().encode('some bytes'))]])
}
