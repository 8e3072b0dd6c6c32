/** The conformance list on the codec that docs/writing-a-codec.md shows, as the page has it. */

import type { Codec } from '@rumormill/protocol'
import { codecConformance } from '@rumormill/testkit'
import { it } from 'vitest'
import { tutorial } from './tutorial.ts'

const { exports } = await tutorial('writing-a-codec.md')

for (const { name, run } of codecConformance(exports['linesCodec'] as () => Codec))
  it(name, () => run())
