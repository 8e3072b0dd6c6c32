/** Where the built page is. */

/** The folder with `index.html` and what it needs, once built. */
export const siteUrl: URL = new URL('./site/', import.meta.url)
