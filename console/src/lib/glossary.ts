/** One plain phrase for every word of the API, the same on every screen. A test holds it against the source's words. */
import words from './glossary.json'

export type Vocabulary = keyof typeof words

/** The phrase; a word that is newer than this console is shown as it came, readable. */
export function say(vocabulary: Vocabulary, word: string | null | undefined): string {
  if (word === null || word === undefined || word === '') return 'Unknown'
  const phrases: Record<string, string> = words[vocabulary]
  return phrases[word] ?? word.replaceAll(/[_-]/g, ' ').replace(/^./, (c) => c.toUpperCase())
}
