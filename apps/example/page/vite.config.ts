import { defineConfig, type Plugin } from 'vite'

/** The graph library writes a style element when it is loaded, which the page's policy forbids; `style.css` has those rules. */
const noInjectedStyles: Plugin = {
  name: 'no-injected-styles',
  transform: (code, id) =>
    /(force-graph|float-tooltip)\.mjs/.test(id)
      ? code.replaceAll(/^styleInject\(\w+\);$/gm, '')
      : undefined
}

export default defineConfig({
  base: './',
  plugins: [noInjectedStyles],
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 800,
    modulePreload: { polyfill: false }
  },
  logLevel: 'warn'
})
