/** Ends sockets whose peer does not read: the last bytes would never be taken, and the socket would never close. */

import type { Socket } from 'node:net'

/** How long the peer may take to read the last bytes. A guess. */
const LEAVE_MS = 500

/** Destroys `socket`, which is ending, unless it closes in time by itself. */
export function destroyLate(socket: Socket): void {
  const late = setTimeout(() => socket.destroy(), LEAVE_MS)
  socket.once('close', () => clearTimeout(late))
}
