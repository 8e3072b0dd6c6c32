/** The colors of `style.css` for drawing on a canvas. */
export interface Theme {
  readonly text: string
  readonly quiet: string
  readonly line: string
  readonly node: string
  readonly card: string
  readonly accent: string
  readonly grid: string
  /** The colors of the submitter, and of nodes one, two, three and more hops away. */
  readonly hops: readonly string[]
}

/** Returns the current colors. */
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

/** Calls `tell` when the color scheme changes between light and dark. */
export function onThemeChange(tell: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', tell)
}
