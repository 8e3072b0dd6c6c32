/** The web server of the page, only for this machine and only for its own page. */

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Refusal } from '@rumormill/page'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import { describe } from '../complaints.ts'
import { parseCommand } from './command.ts'
import { NotNow, type PageController } from './page-controller.ts'

export interface PageServer {
  /** The address of the page: `http://127.0.0.1:PORT`. */
  readonly url: string
  close(): Promise<void>
}

export interface PageServerOptions {
  /** The folder of the built page, as a URL. */
  readonly site: URL
  /** The port; 0 is any free one. */
  readonly port: number
  /** Whether to use another free port when this one is taken. */
  readonly flexible: boolean
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 8192

/** Starts the server. Rejects when the port is taken and `flexible` is false. */
export async function servePage(
  controller: PageController,
  { site, port, flexible }: PageServerOptions
): Promise<PageServer> {
  const server = createAdaptorServer({
    fetch: createApp(controller, site).fetch,
    overrideGlobalObjects: false
  }) as Server
  try {
    await listen(server, port)
  } catch (error) {
    if (!flexible || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await listen(server, 0)
  }
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST)
  await once(server, 'listening')
}

function createApp(controller: PageController, site: URL): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"]
      },
      strictTransportSecurity: false
    })
  )
  app.use(onlyThisMachine, onceEach)
  app.get('/events', onlyThisPage, (context) => tellNews(context, controller))
  app.post(
    '/command',
    onlyThisPage,
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }),
    (context) => {
      return obey(context, controller)
    }
  )
  app.use(serveStatic({ root: fileURLToPath(site) }))
  return app
}

/** Refuses requests with another host name, which protects against DNS rebinding. */
const onlyThisMachine = createMiddleware(async (context, next) => {
  const name = context.req.header('host')?.replace(/:\d+$/, '')
  if (name !== HOST && name !== 'localhost')
    return refuse(context, 403, 'FOREIGN', 'the live page is available only on this machine')
  await next()
})

/** Disables keep-alive: a busy server could close an idle connection just when the browser sends a command over it. */
const onceEach = createMiddleware(async (context, next) => {
  await next()
  context.header('connection', 'close')
})

/** Refuses requests of other pages in the same browser (CSRF). Browsers send the origin with every POST. */
const onlyThisPage = createMiddleware(async (context, next) => {
  const { origin, host, 'sec-fetch-site': site } = context.req.header()
  const own = origin === undefined ? context.req.method === 'GET' : origin === `http://${host}`
  if (!own || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    return refuse(context, 403, 'FOREIGN', 'only the live page itself may send requests')
  }
  await next()
})

async function obey(context: Context, controller: PageController): Promise<Response> {
  const command = parseCommand(await context.req.json().catch(() => undefined))
  if (command === undefined)
    return refuse(context, 400, 'BAD_COMMAND', 'the request is not a valid command')
  try {
    await controller.obey(command)
    return context.json({ ok: true })
  } catch (error) {
    if (error instanceof NotNow) return refuse(context, 409, 'NOT_NOW', error.message)
    return refuse(context, 500, 'FAILED', describe(error))
  }
}

function tellNews(context: Context, controller: PageController): Response {
  const viewer = controller.join()
  if (viewer === undefined) return refuse(context, 503, 'NOT_NOW', 'too many pages are open')
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => controller.audience.leave(viewer))
    try {
      for (let news = await viewer.next(); news !== undefined; news = await viewer.next())
        await stream.writeSSE(news)
    } finally {
      controller.audience.leave(viewer)
    }
  })
}

function tooLarge(context: Context): Response {
  return refuse(context, 413, 'TOO_LARGE', `a command has at most ${MAX_BODY_BYTES} bytes`)
}

function refuse(
  context: Context,
  status: 400 | 403 | 409 | 413 | 500 | 503,
  code: Refusal['code'],
  message: string
): Response {
  return context.json({ code, message } satisfies Refusal, status)
}
