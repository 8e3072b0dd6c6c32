/** Writes several pieces to a socket at once. */

import type { Socket } from 'node:net'

/** Writes `pieces`, at least one. Calls `taken` when the network has taken the last one. */
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
