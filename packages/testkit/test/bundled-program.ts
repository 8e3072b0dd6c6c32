/** Programs for tests that need a process of their own, bundled from the sources: a stale build cannot pass or fail a test. */

import { mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url))

/** Makes a folder for programs, which the caller removes. Inside the checkout, because they import what is not ours by name. */
export function makeProgramFolder(): string {
  return mkdtempSync(join(PACKAGES, '../node_modules/.program-'))
}

/** Bundles `source` into `folder`, and returns the file to run. */
export async function bundleProgram(source: URL, folder: string): Promise<string> {
  const entry = fileURLToPath(source)
  const name = `${basename(entry, '.ts')}.mjs`
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: {
      alias: [{ find: /^@rumormill\/([a-z0-9-]+)$/, replacement: `${PACKAGES}/$1/src/index.ts` }]
    },
    ssr: { noExternal: [/^@rumormill\//] },
    build: {
      ssr: entry,
      outDir: folder,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: name } }
    }
  })
  return join(folder, name)
}
