/** Keys that the whole page hears, and where they are somebody's letters instead. */

/** Inputs that take no letters: a key pressed on them may be a shortcut. */
const WITHOUT_LETTERS = new Set(['radio', 'checkbox', 'range', 'button', 'submit', 'reset', 'color', 'file'])

/** What is pressed here is typed: a text field, not a radio, a tick or a list to choose from. */
export function takesLetters(target: EventTarget | null): boolean {
  const element = target as Partial<HTMLInputElement> | null
  const name = element?.tagName?.toUpperCase()
  if (name === 'TEXTAREA' || element?.isContentEditable === true) return true
  return name === 'INPUT' && !WITHOUT_LETTERS.has(element?.type ?? 'text')
}

/** A letter pressed on a list to choose from goes to the choice that begins with it. */
export function choosesByLetter(target: EventTarget | null): boolean {
  return (target as Partial<Element> | null)?.tagName?.toUpperCase() === 'SELECT'
}
