/** The acceptance list. */

import type { Row } from './row.ts'
import { badHandlers } from './rows/bad-handlers.ts'
import { badSources } from './rows/bad-sources.ts'
import { blackHole } from './rows/black-hole.ts'
import { broadcastByRounds, broadcastToAll } from './rows/broadcast.ts'
import { byteFuzz } from './rows/byte-fuzz.ts'
import { churn } from './rows/churn.ts'
import { clockJumps } from './rows/clock-jumps.ts'
import { codecBombs } from './rows/codec-bombs.ts'
import { crowds } from './rows/crowds.ts'
import { eclipse } from './rows/eclipse.ts'
import { endlessFrames } from './rows/endless-frames.ts'
import { fakeDigests } from './rows/fake-digests.ts'
import { forgedContents } from './rows/forged-contents.ts'
import { hubAttack } from './rows/hub-attack.ts'
import { killedProcesses } from './rows/killed-processes.ts'
import { lyingViews } from './rows/lying-views.ts'
import { massFailure } from './rows/mass-failure.ts'
import { namedHosts } from './rows/named-hosts.ts'
import { nemesis } from './rows/nemesis.ts'
import { noiseAttacks } from './rows/noise-attacks.ts'
import { oneWayPartition } from './rows/one-way-partition.ts'
import { partition } from './rows/partition.ts'
import { randomPeers } from './rows/random-peers.ts'
import { replays } from './rows/replays.ts'
import { restarts } from './rows/restarts.ts'
import { pathReturns } from './rows/return.ts'
import { roughNetwork } from './rows/rough-network.ts'
import { silentPath } from './rows/silent-path.ts'
import { sizesAndFloods } from './rows/sizes-and-floods.ts'
import { slowLine } from './rows/slow-line.ts'
import { slowloris } from './rows/slowloris.ts'
import { soak } from './rows/soak.ts'
import { spoofedSenders } from './rows/spoofed-senders.ts'
import { startAndStop } from './rows/start-and-stop.ts'
import { sustainedLoad } from './rows/sustained-load.ts'
import { swizzleClog } from './rows/swizzle-clog.ts'
import { toxicConnections } from './rows/toxic-connections.ts'
import { unread } from './rows/unread.ts'

export const rows: readonly Row[] = [
  broadcastByRounds,
  broadcastToAll,
  nemesis,
  sustainedLoad,
  killedProcesses,
  massFailure,
  churn,
  partition,
  oneWayPartition,
  swizzleClog,
  roughNetwork,
  toxicConnections,
  slowloris,
  endlessFrames,
  byteFuzz,
  codecBombs,
  fakeDigests,
  forgedContents,
  replays,
  spoofedSenders,
  lyingViews,
  badHandlers,
  clockJumps,
  startAndStop,
  restarts,
  badSources,
  blackHole,
  sizesAndFloods,
  noiseAttacks,
  hubAttack,
  eclipse,
  randomPeers,
  soak,
  silentPath,
  pathReturns,
  slowLine,
  unread,
  crowds,
  namedHosts
]
