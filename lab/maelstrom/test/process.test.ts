import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../bin/maelstrom-broadcast', import.meta.url))

test('answers on stdout, a line each, and ends with its input', () => {
  const bodies = [
    { type: 'init', msg_id: 1, node_id: 'n0', node_ids: ['n0'] },
    { type: 'broadcast', msg_id: 2, message: 5 },
    { type: 'read', msg_id: 3 }
  ]
  const input = `${bodies.map((body) => JSON.stringify({ src: 'c1', dest: 'n0', body })).join('\n')}\nno envelope\n`
  const { status, stdout, stderr } = spawnSync(program, [], {
    input,
    encoding: 'utf8',
    timeout: 60_000
  })
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).body)
  ).toEqual([
    { type: 'init_ok', in_reply_to: 1 },
    { type: 'broadcast_ok', in_reply_to: 2 },
    { type: 'read_ok', messages: [5], in_reply_to: 3 }
  ])
  expect(stderr).toContain('not an envelope: no envelope')
  expect(status).toBe(0)
})
