/** Whoever installs a package gets its dependencies, too: all of them must have a licence that asks for no more than a notice. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tool.mjs'

const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Unlicense'
]

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const others = Object.entries(packages).filter(
  ([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link
)
const refused = others.filter(
  ([, { license = '' }]) =>
    !license
      .replaceAll(/[()]/g, '')
      .split(' OR ')
      .some((each) => ALLOWED.includes(each))
)
for (const [path, { license }] of refused) console.error(`${path}: ${license ?? 'no licence'}`)
console.log(`${others.length} dependencies, ${refused.length} with a licence that is not allowed`)
process.exitCode = refused.length === 0 ? 0 : 1
