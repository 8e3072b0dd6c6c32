/** Limits of a node that are no options and have no counter. */

import { read } from '../pages.ts'
import { constantOf, type Limit } from './limit.ts'

const source = (name: string): string => read(`packages/protocol/src/broadcast/${name}.ts`)
const dissemination = (name: string): string =>
  read(`packages/protocol/src/dissemination/${name}.ts`)
const PENDING = 'packages/protocol/test/dissemination/pending-requests.test.ts'
const ROUND_BOUNDS = 'packages/protocol/test/dissemination/round-bounds.test.ts'
const BROADCASTER = 'packages/protocol/test/broadcast/broadcaster.test.ts'

const POSTPONED = 'packages/protocol/test/dissemination/postponed.test.ts'
const postponed = (name: string): number => constantOf(dissemination('postponed'), name)

export const UNSETTABLE_LIMITS: readonly Limit[] = [
  {
    option: 'peers whose claiming connection is known',
    value: constantOf(read('packages/protocol/src/reputation/claims.ts'), 'MAX_CLAIMS'),
    reached: 'violations of the one that claimed first count against its address',
    counter: '',
    file: 'packages/protocol/test/reputation/admission.test.ts',
    title:
      'a peer whose address is only claimed > takes bounded memory: of 1,025 the first answers by its address',
    seenBy: '1024'
  },
  {
    option: 'addresses that others named, and that never answered',
    value: constantOf(read('packages/protocol/src/membership/never-answered.ts'), 'MAX_ADDRESSES'),
    reached: 'the one that failed longest ago is asked again when it is named',
    counter: '',
    file: 'packages/protocol/test/membership/never-answered.test.ts',
    title: 'is bounded: of 4,097 the one that failed first is forgotten',
    seenBy: '4096'
  },
  {
    option: 'contents awaited of a peer that has served nothing',
    value: constantOf(dissemination('requested-peer'), 'STRANGER_SHARE'),
    reached: 'further offers of it are passed over',
    counter: '',
    file: PENDING,
    title: 'a stranger has a few slots, and more with each content that it serves',
    seenBy: '8'
  },
  {
    option: 'others that offered the same content',
    value: constantOf(dissemination('alternates'), 'MAX_ALTERNATES'),
    reached: 'further ones are not asked, unless a later round names them',
    counter: '',
    file: PENDING,
    title: 'at most three others that offered the same are remembered',
    seenBy: 'alsoOffered'
  },
  {
    option: 'updates whose spread is tracked',
    value: constantOf(source('seen-by'), 'MAX_UPDATES'),
    reached: 'the older half is forgotten; its digests are sent once more',
    counter: '',
    file: BROADCASTER,
    title: 'fresh updates > named by peers that never bring them take bounded memory',
    seenBy: '4096'
  },
  {
    option: 'pushed updates that wait for a lazy push',
    value: constantOf(source('broadcaster'), 'MAX_LAZY'),
    reached: 'the oldest gets none; rounds repair what was missed',
    counter: '',
    file: BROADCASTER,
    title: 'a bounded number of pushed updates waits for a lazy push',
    seenBy: '4096'
  },
  {
    option: 'trees that are remembered',
    value: constantOf(source('trees'), 'MAX_TREES'),
    reached: 'the one not used for longest is forgotten',
    counter: '',
    file: 'packages/protocol/test/broadcast/trees.test.ts',
    title: 'trees > take bounded memory: the one not used for longest is forgotten',
    seenBy: '1024'
  },
  {
    option: 'updates that are postponed',
    value: postponed('MAX_POSTPONED'),
    reached: 'the one tried longest ago is forgotten: its next offer is tried at once',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > take bounded memory: the one tried longest ago is forgotten',
    seenBy: '100_000'
  },
  {
    option: 'updates that were told as lost',
    value: constantOf(dissemination('missed'), 'MAX_REPORTED'),
    reached: 'the one told first may be told once more',
    counter: '',
    file: 'packages/protocol/test/dissemination/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: 'n < 300_000'
  },
  {
    option: 'peers of which it is counted how often they have shown all that they have',
    value: constantOf(dissemination('missed'), 'MAX_PEERS'),
    reached: 'whoever did so longest ago is forgotten',
    counter: '',
    file: 'packages/protocol/test/dissemination/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: 'peer < 2000'
  },
  {
    option: 'own updates that ended before a peer was heard, by digest',
    value: constantOf(dissemination('unacknowledged'), 'MAX_ENDED'),
    reached: 'of more, only the number is told',
    counter: 'dropped[unacknowledged]',
    file: 'packages/protocol/test/dissemination/unacknowledged.test.ts',
    title: 'what ends before a peer was heard is told, of 1,024 the digests',
    seenBy: '1024'
  },
  {
    option: 'digests that were asked for in vain',
    value: constantOf(dissemination('pending-requests'), 'MAX_GIVEN_UP'),
    reached: 'the first is forgotten: its content is no longer welcome',
    counter: '',
    file: 'packages/protocol/test/dissemination/pending-requests.test.ts',
    title:
      'of digests that were given up, the last 16,384 are remembered: their contents are welcome',
    seenBy: '16_384'
  },
  {
    option: 'of these, by the word of single peers',
    value: postponed('MAX_POSTPONED_BY_PEER'),
    reached: 'the one tried longest ago is forgotten',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > take bounded memory for whose word it was, too',
    seenBy: '4096'
  },
  {
    option: 'updates for which there was no room',
    value: constantOf(dissemination('missed'), 'MAX_MISSED'),
    reached: 'the one offered longest ago counts as lost',
    counter: 'dropped[lost]',
    file: 'packages/protocol/test/dissemination/missed.test.ts',
    title: 'takes bounded memory: beyond it, what was offered longest ago counts as lost',
    seenBy: '100_000'
  },
  {
    option: 'peers from which an update is too old',
    value: postponed('MAX_REFUSED_PEERS'),
    reached: 'it is postponed whoever offers it',
    counter: '',
    file: POSTPONED,
    title: 'postponed updates > too old by the word of many peers are postponed from all',
    seenBy: '16'
  },
  {
    option: 'exchanges that are open',
    value: constantOf(dissemination('open-exchanges'), 'MAX_OPEN'),
    reached: 'the one that has waited longest is given up',
    counter: '',
    file: ROUND_BOUNDS,
    title: '64 exchanges are open at most; the oldest is given up',
    seenBy: '64'
  },
  {
    option: 'peers whose last comparison is remembered',
    value: constantOf(dissemination('comparison-backoff'), 'MAX_PEERS'),
    reached: 'the one compared with longest ago is compared with anew',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'comparisons with 256 peers are remembered',
    seenBy: '256'
  },
  {
    option: 'peers with which exchanges failed',
    value: constantOf(dissemination('sketch-failures'), 'MAX_PEERS'),
    reached: 'the one whose last failure is the oldest is forgotten, and asked for sketches again',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'failures of 256 peers are remembered',
    seenBy: '256'
  },
  {
    option: 'peers with which differences are known',
    value: constantOf(dissemination('known-differences'), 'MAX_PEERS'),
    reached: 'those with the peer that was quiet longest are told again',
    counter: '',
    file: ROUND_BOUNDS,
    title: '1,024 known differences with each of 64 peers are remembered',
    seenBy: '63'
  },
  {
    option: 'known differences with a peer',
    value: constantOf(dissemination('known-differences'), 'MAX_PER_PEER'),
    reached: 'further ones cost symbols in each comparison',
    counter: '',
    file: ROUND_BOUNDS,
    title: '1,024 known differences with each of 64 peers are remembered',
    seenBy: '1024'
  },
  {
    option: 'peers of which is remembered what they have and this node lacks',
    value: constantOf(dissemination('difference-requests'), 'MAX_PEERS'),
    reached: 'that of the oldest is found out again',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'what 64 peers have and this node lacks is remembered',
    seenBy: '64'
  },
  {
    option: 'peers that are asked for digests',
    value: constantOf(dissemination('rounds'), 'MAX_AWAITED'),
    reached: 'the answer of the one asked first is not read',
    counter: '',
    file: ROUND_BOUNDS,
    title: 'what 1,024 peers were asked for is remembered: the answers of others are not read',
    seenBy: '1024'
  }
]
