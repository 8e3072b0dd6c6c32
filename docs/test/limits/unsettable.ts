/** Limits of a node that are no options and have no counter. */

import { read } from '../pages.ts'
import { constantOf, type Limit } from './limit.ts'

const source = (name: string): string => read(`packages/protocol/src/${name}.ts`)
const PENDING = 'packages/protocol/test/fetch/pending-requests.test.ts'
const ROUND_BOUNDS = 'packages/protocol/test/anti-entropy/round-bounds.test.ts'
const BROADCASTER = 'packages/protocol/test/broadcast/broadcaster.test.ts'

const POSTPONED = 'packages/protocol/test/fetch/postponed.test.ts'
const postponed = (name: string): number => constantOf(source('fetch/postponed'), name)

export const UNSETTABLE_LIMITS: readonly Limit[] = [
  {
    option: 'peers with a claimed address whose connection is tracked',
    value: constantOf(read('packages/protocol/src/membership/claims.ts'), 'MAX_CLAIMS'),
    reached: 'violations of the peer with the oldest claim count against its address',
    counter: '',
    file: 'packages/protocol/test/membership/admission.test.ts',
    title:
      'a peer whose address is only claimed > takes bounded memory: of 1,025 the first is penalized by its address',
    seenBy: '1024'
  },
  {
    option: 'addresses that only other peers named and that never answered',
    value: constantOf(read('packages/protocol/src/membership/never-answered.ts'), 'MAX_ADDRESSES'),
    reached: 'the address that failed longest ago is contacted again when a peer names it',
    counter: '',
    file: 'packages/protocol/test/membership/never-answered.test.ts',
    title: 'is bounded: of 4,097 the one that failed first is forgotten',
    seenBy: '4096'
  },
  {
    option: 'contents requested at once from a peer that has served nothing',
    value: constantOf(source('fetch/requested-peer'), 'STRANGER_SHARE'),
    reached: 'further offers of the peer are ignored',
    counter: '',
    file: PENDING,
    title: 'a new peer has a few slots, and more with each content that it serves',
    seenBy: '8'
  },
  {
    option: 'other peers that offered the same content',
    value: constantOf(source('fetch/alternates'), 'MAX_ALTERNATES'),
    reached: 'further peers are not asked, unless they offer it again in a later round',
    counter: '',
    file: PENDING,
    title: 'at most three others that offered the same are remembered',
    seenBy: 'alsoOffered'
  },
  {
    option: 'updates whose spread is tracked',
    value: constantOf(source('broadcast/seen-by'), 'MAX_UPDATES'),
    reached: 'the older half is forgotten; their digests are sent once more',
    counter: '',
    file: BROADCASTER,
    title: 'fresh updates > named by peers that never bring them take bounded memory',
    seenBy: '4096'
  },
  {
    option: 'pushed updates that wait for a lazy push',
    value: constantOf(source('broadcast/lazy-push'), 'MAX_LAZY'),
    reached: 'the oldest update gets no lazy push; rounds repair what was missed',
    counter: '',
    file: BROADCASTER,
    title: 'a bounded number of pushed updates waits for a lazy push',
    seenBy: '4096'
  },
  {
    option: 'trees that are kept',
    value: constantOf(source('broadcast/trees'), 'MAX_TREES'),
    reached: 'the tree not used for longest is forgotten',
    counter: '',
    file: 'packages/protocol/test/broadcast/trees.test.ts',
    title: 'trees > take bounded memory: the one not used for longest is forgotten',
    seenBy: '1024'
  },
  {
    option: 'updates that are postponed',
    value: postponed('MAX_POSTPONED'),
    reached: 'the update tried longest ago is forgotten: its next offer is tried at once',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > take bounded memory: the one tried longest ago is forgotten',
    seenBy: '100_000'
  },
  {
    option: 'updates that were reported as lost',
    value: constantOf(source('fetch/missed'), 'MAX_REPORTED'),
    reached: 'the update reported first may be reported once more',
    counter: '',
    file: 'packages/protocol/test/fetch/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: 'n < 300_000'
  },
  {
    option: 'peers whose complete sets are counted',
    value: constantOf(source('fetch/missed'), 'MAX_PEERS'),
    reached: 'the peer that showed its set longest ago is forgotten',
    counter: '',
    file: 'packages/protocol/test/fetch/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: 'peer < 2000'
  },
  {
    option: 'digests of own updates that expired before any peer sent a message',
    value: constantOf(source('store/unacknowledged'), 'MAX_ENDED'),
    reached: 'further updates are reported by number only',
    counter: 'dropped[unacknowledged]',
    file: 'packages/protocol/test/store/unacknowledged.test.ts',
    title: 'updates that expire before any message arrived are reported, 1,024 of them by digest',
    seenBy: '1024'
  },
  {
    option: 'digests that were requested and not delivered',
    value: constantOf(source('fetch/pending-requests'), 'MAX_GIVEN_UP'),
    reached: 'the oldest digest is forgotten: its content counts as unsolicited',
    counter: '',
    file: 'packages/protocol/test/fetch/pending-requests.test.ts',
    title:
      'of digests that were given up, the last 16,384 are remembered: their contents are welcome',
    seenBy: '16_384'
  },
  {
    option: 'updates that are postponed for certain peers only',
    value: postponed('MAX_POSTPONED_BY_PEER'),
    reached: 'the update tried longest ago is forgotten',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > take bounded memory for single peers, too',
    seenBy: '4096'
  },
  {
    option: 'updates that a full store or handler queue kept out, or that were requested in vain',
    value: constantOf(source('fetch/missed'), 'MAX_MISSED'),
    reached: 'the update offered longest ago counts as lost',
    counter: 'dropped[lost]',
    file: 'packages/protocol/test/fetch/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: '100_000'
  },
  {
    option: 'peers whose offer of one update was refused as too old',
    value: postponed('MAX_REFUSED_PEERS'),
    reached: 'the update is postponed for all peers',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > too old by the ages of many peers are postponed from all',
    seenBy: '16'
  },
  {
    option: 'sketch exchanges that are open',
    value: constantOf(source('anti-entropy/open-exchanges'), 'MAX_OPEN'),
    reached: 'the exchange that has waited longest is abandoned',
    counter: '',
    file: ROUND_BOUNDS,
    title: '64 exchanges are open at most; the oldest is given up',
    seenBy: '64'
  },
  {
    option: 'peers whose last comparison is kept',
    value: constantOf(source('anti-entropy/comparison-backoff'), 'MAX_PEERS'),
    reached: 'the peer compared with longest ago is compared with again',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'comparisons with 256 peers are remembered',
    seenBy: '256'
  },
  {
    option: 'peers with which sketch exchanges failed',
    value: constantOf(source('anti-entropy/sketch-failures'), 'MAX_PEERS'),
    reached: 'the peer with the oldest last failure is forgotten, and asked for sketches again',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'failures of 256 peers are remembered',
    seenBy: '256'
  },
  {
    option: 'peers with which differences are known',
    value: constantOf(source('anti-entropy/known-differences'), 'MAX_PEERS'),
    reached: 'the differences with the peer that has been quiet for longest are exchanged again',
    counter: '',
    file: ROUND_BOUNDS,
    title: '1,024 known differences with each of 64 peers are remembered',
    seenBy: '63'
  },
  {
    option: 'known differences with a peer',
    value: constantOf(source('anti-entropy/known-differences'), 'MAX_PER_PEER'),
    reached: 'further differences cost symbols in each comparison',
    counter: '',
    file: ROUND_BOUNDS,
    title: '1,024 known differences with each of 64 peers are remembered',
    seenBy: '1024'
  },
  {
    option: 'peers for which the missing updates are listed',
    value: constantOf(source('anti-entropy/difference-requests'), 'MAX_PEERS'),
    reached: 'the oldest list is forgotten; another exchange finds its updates again',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'missing updates are kept for 64 peers',
    seenBy: '64'
  },
  {
    option: 'peers that are asked for digests at once',
    value: constantOf(source('anti-entropy/rounds'), 'MAX_AWAITED'),
    reached: 'the response of the peer asked first is ignored',
    counter: '',
    file: ROUND_BOUNDS,
    title: '1,024 answers are awaited: those to earlier requests are not read',
    seenBy: '1024'
  }
]
