/** Several pieces in one write. */

import type { Socket } from 'node:net'

/** Calls `taken` when the network has taken the last of `pieces`, of which there is one at least. */
export function writeTogether(
  socket: Socket,
  pieces: readonly Uint8Array[],
  taken?: (error?: Error | null) => void
): void {
  const last = pieces.length - 1
  if (last > 0) socket.cork()
  for (let index = 0; index < last; index++) socket.write(pieces[index]!)
  socket.write(pieces[last]!, taken)
  if (last > 0) socket.uncork()
}
