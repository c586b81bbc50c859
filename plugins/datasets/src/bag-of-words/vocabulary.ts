/** Words, those that most texts have, and how often a text has each. */
import { Column, type Table, TableSchema } from "@relent/arrow"
import { StageError } from "@relent/stage"
import { Effect } from "effect"

/** The words that are counted, in the order of the features, and how many of the texts they were chosen from have each. */
export const Vocabulary = TableSchema.make("datasets/vocabulary", 1, { word: Column.utf8, texts: Column.int32 })
type Words = Table<typeof Vocabulary.columns>

/** Texts between two breaths. */
const breath = 10

/** Runs of letters of any script, in lower case. */
export const wordsOf = (text: string): ReadonlyArray<string> =>
  text
    .normalize("NFC")
    .toLowerCase()
    .match(/[\p{L}\p{M}]+/gu) ?? []

/**
 * The `size` words that most texts have; of words that equally many have, the first by their characters. A text counts once, however
 * often it has a word: one long text doesn't choose.
 */
export const mostFrequent = (texts: ReadonlyArray<string>, size: number): Effect.Effect<Words, StageError> =>
  Effect.gen(function* () {
    const counts = new Map<string, number>()
    for (const [row, text] of texts.entries()) {
      if (row % breath === 0) yield* Effect.yieldNow
      for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    if (counts.size < size)
      return yield* new StageError({
        message: `the texts have ${counts.size} distinct words, ${size} are wanted`,
        hint: "make 'words' smaller, or give more texts",
      })
    const least = Int32Array.from(counts.values()).toSorted().at(-size)!
    const frequent = [...counts].filter(([, n]) => n >= least)
    const ordered = frequent.toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    return Vocabulary.fromRows(ordered.slice(0, size).map(([word, n]) => ({ word, texts: n })))
  })

/** What is wrong with a vocabulary that was given, if anything. */
export const misfit = ({ columns }: Words, size: number | undefined): string | undefined => {
  const words = columns.word
  if (words.length === 0) return "the vocabulary has no words"
  if (size !== undefined && size !== words.length) return `the vocabulary has ${words.length} words, 'words' is ${size}`
  const places = new Map<string, number>()
  for (const [row, word] of words.entries()) {
    const before = places.get(word)
    if (before !== undefined) return `rows ${before} and ${row} of the vocabulary are both '${word}'`
    const [first, ...more] = wordsOf(word)
    if (first !== word || more.length > 0)
      return `row ${row} of the vocabulary, ${JSON.stringify(word)}, isn't one run of letters in lower case`
    places.set(word, row)
  }
  return undefined
}

/** log(1 + count) of each word, `[texts, words]` row by row. */
export const counted = (texts: ReadonlyArray<string>, { columns }: Words): Effect.Effect<Float32Array> =>
  Effect.gen(function* () {
    const size = columns.word.length
    const places = new Map(columns.word.map((word, place) => [word, place]))
    const x = new Float32Array(texts.length * size)
    for (const [row, text] of texts.entries()) {
      if (row % breath === 0) yield* Effect.yieldNow
      const own = x.subarray(row * size, (row + 1) * size)
      for (const word of wordsOf(text)) {
        const place = places.get(word)
        if (place !== undefined) own[place]! += 1
      }
      own.forEach((count, place) => (own[place] = Math.log1p(count)))
    }
    return x
  })
