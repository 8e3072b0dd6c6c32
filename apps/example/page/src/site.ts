/** The location of the built page. */

/** The folder of the built `index.html` and its files. */
export const siteUrl: URL = new URL('./site/', import.meta.url)
