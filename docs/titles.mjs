/** A plugin of typedoc: pages are called by their titles. */

import { Converter } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const [, title] = /^# (.+)\n/.exec(page.content.map(({ text }) => text).join('')) ?? []
    if (title === undefined) app.logger.error(`${page.name}.md does not begin with its title`)
    else page.name = title.replaceAll('`', '')
  })
}
