/**
 * The live page of a running demo, in headless Chromium. Skipped where there is none. With SCREENSHOTS=docs/images in the
 * environment it also takes the pictures of the documentation.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Command } from '../command.ts'

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
const PICTURES = process.env['SCREENSHOTS']
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const PATIENCE_MS = 60_000
/** Nodes that are too many for a screen. */
const MANY = PICTURES === undefined && process.env['SLOW'] !== '1' ? 24 : 64

const DESKTOP: BrowserContextOptions = {
  viewport: { width: 1280, height: 1010 },
  colorScheme: 'light'
}
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  colorScheme: 'dark',
  isMobile: true,
  hasTouch: true
}

let browser: Browser
/** What a page wrote to its console, and where it went: nothing, and nowhere but its own server. */
const complaints: string[] = []

async function openPage(url: string, options: BrowserContextOptions = DESKTOP): Promise<Page> {
  const page = await browser.newPage(options)
  page.setDefaultTimeout(PATIENCE_MS)
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
      complaints.push(request.url())
  })
  await page.goto(url)
  return page
}

/** A demo that goes on serving, and where its page is. */
async function startDemo(...options: readonly string[]): Promise<{ demo: Command; url: string }> {
  const demo = new Command('demo', '--serve', '--port', '0', ...options)
  const said = /^live page: (.*)$/
  await demo.until('says where the page is', ({ stdout }) => stdout.some((line) => said.test(line)))
  return { demo, url: said.exec(demo.stdout.find((line) => said.test(line))!)![1]! }
}

/** Waits for a cell of the row of a node. */
async function cellSays(page: Page, node: number, column: number, text: RegExp): Promise<void> {
  await page
    .locator(`#rows tr:nth-child(${node + 1}) > :nth-child(${column})`)
    .filter({ hasText: text })
    .waitFor()
}

/** A finger that begins on the graph scrolls the page all the same. */
async function swipeUp(page: Page, fromY: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const touch = async (
    type: 'touchStart' | 'touchMove' | 'touchEnd',
    ...ys: number[]
  ): Promise<void> => {
    await devtools.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: ys.map((y) => ({ x: 200, y }))
    })
  }
  await touch('touchStart', fromY)
  for (let y = fromY; y > fromY - 250; y -= 10) await touch('touchMove', y)
  await touch('touchEnd')
}

const STATE = 2
const VIEW = 4
const UPDATES = 7

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  // Until what moves has come to rest.
  await page.waitForTimeout(3500)
  await page.screenshot({ path: join(ROOT, PICTURES, `${name}.jpg`), quality: 85 })
}

describe.skipIf(CHROMIUM === undefined)('the live page', () => {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM!,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    })
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    complaints.length = 0
  })
  afterAll(async () => browser?.close())

  it('shows a group of 8: an update, a node that leaves and comes back, a cut that heals, a new run', async () => {
    const { demo, url } = await startDemo('--updates', '20')
    const page = await openPage(url)
    await page.getByText('delivered 140/140, lost 0, duplicates 0').waitFor()
    for (let node = 0; node < 8; node++) await cellSays(page, node, VIEW, /^7$/)

    await page.getByLabel('Text').fill('hello, group')
    await page.getByLabel('At node').selectOption('3')
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await page
      .getByText(
        /“page 1: hello, group” from node 3 at 7 other nodes, .*: all running nodes have it\./
      )
      .waitFor()
    for (let node = 0; node < 8; node++) await cellSays(page, node, UPDATES, /^21$/)

    await page.getByRole('button', { name: 'Kill node 5' }).click()
    await cellSays(page, 5, STATE, /^down$/)
    for (const node of [0, 1, 2, 3, 4, 6, 7]) await cellSays(page, node, VIEW, /^6$/)
    await page.getByText('7 nodes up, 21 lines').waitFor()
    await page.getByRole('img', { name: 'A graph of 7 nodes' }).waitFor()
    await page.getByRole('button', { name: 'Restart node 5' }).click()
    await cellSays(page, 5, UPDATES, /^21$/)
    await page.getByText('8 nodes up, 28 lines').waitFor()

    await page.getByRole('button', { name: 'Cut', exact: true }).click()
    await page.getByText('Cut: 4 (ringed) and 4 nodes cannot reach each other.').waitFor()
    for (let node = 0; node < 8; node++) await cellSays(page, node, VIEW, /^3$/)
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await page
      .getByText(/“page 2: hello, group” from node 3 at 3 other nodes, .* so far\./)
      .waitFor()
    for (let node = 0; node < 8; node++)
      await cellSays(page, node, UPDATES, node < 4 ? /^22$/ : /^21$/)
    await takePicture(page, 'page-cut')
    await page.getByRole('button', { name: 'Heal' }).click()
    await page
      .getByText(
        /“page 2: hello, group” from node 3 at 7 other nodes, .*: all running nodes have it\./
      )
      .waitFor()
    for (let node = 0; node < 8; node++) await cellSays(page, node, UPDATES, /^22$/)
    await page.getByText('8 nodes up, 28 lines').waitFor()

    await page.getByRole('spinbutton', { name: 'Nodes' }).fill('5')
    await page.getByLabel('Transport').selectOption('libp2p')
    await page.getByLabel('Codec').selectOption('json')
    await page.getByLabel('Profile').selectOption('lan')
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('run 2: 5 nodes, libp2p, json, lan').waitFor()
    await page.getByText(/delivered (\d+)\/\1, lost 0, duplicates 0/).waitFor()
    expect(await page.locator('#rows tr').count()).toBe(5)

    expect(complaints).toEqual([])
    demo.pressCtrlC()
    expect((await demo.result()).code).toBe(130)
    await page.getByText('not connected').waitFor()
  })

  it('is used by keyboard alone', async () => {
    const { url } = await startDemo('--nodes', '3', '--updates', '3')
    const page = await openPage(url)
    await page.getByText('delivered 6/6').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the nodes')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const focus = (): Promise<string> =>
      page.evaluate(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.className'
      )
    while ((await focus()) !== 'Kill node 1') await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await cellSays(page, 1, STATE, /^down$/)
    expect(await focus()).toBe('Restart node 1')
    await page.keyboard.press('Space')
    await cellSays(page, 1, STATE, /^up$/)
  })

  it('breaks no rule of accessibility that a machine can check', async () => {
    const { url } = await startDemo('--nodes', '4', '--updates', '3')
    for (const { colorScheme, viewport } of [
      DESKTOP,
      PHONE,
      { ...DESKTOP, colorScheme: 'dark' as const }
    ]) {
      // What checks the page is not of the page: its policy would keep it out.
      const page = await openPage(url, {
        colorScheme: colorScheme!,
        viewport: viewport!,
        bypassCSP: true
      })
      await page.getByText('delivered 9/9').waitFor()
      await page.addScriptTag({ content: axe.source })
      const found = await page.evaluate<axe.AxeResults>('axe.run()')
      expect(found.violations.map(({ id }) => id)).toEqual([])
      expect(found.passes.length).toBeGreaterThan(30)
    }
  })

  it(`shows a group of ${MANY} on a phone: a node leaves, both sides of a cut converge when it heals`, async () => {
    const { url } = await startDemo('--nodes', `${MANY}`, '--updates', '10')
    const page = await openPage(url, PHONE)
    const all = 10 * (MANY - 1)
    const toldOf = (nodes: number, end: RegExp): RegExp =>
      new RegExp(`hello” from node 0 at ${nodes} other nodes, .*${end.source}`)
    await page.getByText(`delivered ${all}/${all}, lost 0, duplicates 0`).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await swipeUp(page, 420)
    await page.waitForFunction('scrollY > 100')
    await page.getByRole('button', { name: 'Submit', exact: true }).tap()
    await page.getByText(toldOf(MANY - 1, /: all running nodes have it\./)).waitFor()
    await page.evaluate('scrollTo(0, 0)')
    await takePicture(page, 'page-phone-dark')
    if (PICTURES !== undefined) await takePicture(await openPage(url), 'page-desktop-light')

    await page.getByRole('button', { name: 'Kill node 9', exact: true }).tap()
    await cellSays(page, 9, STATE, /^down$/)
    // No living node has it in its view any more: its circle is gone, and so are its lines.
    await page.getByRole('img', { name: `A graph of ${MANY - 1} nodes` }).waitFor()

    await page.getByRole('button', { name: 'Cut', exact: true }).tap()
    await page
      .getByText(`Cut: ${MANY / 2} (ringed) and ${MANY / 2} nodes cannot reach each other.`)
      .waitFor()
    await page.getByRole('button', { name: 'Submit', exact: true }).tap()
    await page.getByText(toldOf(MANY / 2 - 2, / so far\./)).waitFor()
    await page.getByRole('button', { name: 'Heal' }).tap()
    await page.getByText(toldOf(MANY - 2, /: all running nodes have it\./)).waitFor()
    expect(complaints).toEqual([])
  })
})
