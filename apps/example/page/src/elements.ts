/** Access to the elements of `index.html`. */

/** Returns the element with this id, which must be a `kind`. */
export function find<Kind extends Element>(id: string, kind: abstract new () => Kind): Kind {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`)
  return element
}

/** Sets the text of an element if it differs; otherwise a screen reader would read it again. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
