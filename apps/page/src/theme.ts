/** The colours of the page, as `style.css` has them, for what is drawn on a canvas. */
export interface Theme {
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly node: string
  readonly card: string
  readonly accent: string
  readonly grid: string
  /** Of the node that submitted, of those one hop away, two, three, and further. */
  readonly hops: readonly string[]
}

/** The colours as they are now. */
export function currentTheme(): Theme {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    text: colour('text'),
    quiet: colour('quiet'),
    line: colour('edge'),
    node: colour('node'),
    card: colour('card'),
    accent: colour('accent'),
    grid: colour('border'),
    hops: [0, 1, 2, 3, 4].map((hop) => colour(`hop-${hop}`))
  }
}

/** Tells when light turns to dark, or back. */
export function onThemeChange(tell: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell)
}
