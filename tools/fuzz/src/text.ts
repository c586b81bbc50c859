/** Damages that texts of a format can take: words of the format where none belongs, lines and words moved. */
import type { Draws } from "@relent/random"
import { damages, pick } from "./bytes.ts"

type Edit = (text: string, draws: Draws, words: ReadonlyArray<string>, others: ReadonlyArray<string>) => string

/** A place and what stands there: a word, a number, or any other character. */
const piece = (text: string, { integer }: Draws): readonly [from: number, to: number] => {
  const pieces = [...text.matchAll(/[\w.]+|\s+|[^\w\s]/g)]
  const found = pieces.length === 0 ? undefined : pieces[integer(pieces.length)]!
  return found === undefined ? [0, 0] : [found.index, found.index + found[0].length]
}

const insert: Edit = (text, draws, words) => {
  const at = draws.integer(text.length + 1)
  return text.slice(0, at) + pick(words, draws) + text.slice(at)
}

const replace: Edit = (text, draws, words, others) => {
  const [from, to] = piece(text, draws)
  const other = pick(others, draws)
  const word = draws.integer(2) === 0 ? pick(words, draws) : other.slice(...piece(other, draws))
  return text.slice(0, from) + word + text.slice(to)
}

const remove: Edit = (text, draws) => {
  const [from, to] = piece(text, draws)
  return text.slice(0, from) + text.slice(draws.integer(4) === 0 ? to + draws.integer(40) : to)
}

const lines: Edit = (text, draws, _, others) => {
  const all = text.split("\n")
  const [from, to] = [draws.integer(all.length), draws.integer(all.length)]
  const line = draws.integer(2) === 0 ? all[from]! : pick(pick(others, draws).split("\n"), draws)
  return all.toSpliced(to, draws.integer(2), line).join("\n")
}

/** So deep that whoever calls itself for each level comes to an end. */
const nest: Edit = (text, draws, words) => {
  const at = draws.integer(text.length + 1)
  return text.slice(0, at) + pick(words, draws).repeat(1 + draws.integer(3000)) + text.slice(at)
}

const cut: Edit = (text, { integer }) => text.slice(0, integer(text.length + 1))

const splice: Edit = (text, draws, _, others) => {
  const other = pick(others, draws)
  return text.slice(0, draws.integer(text.length + 1)) + other.slice(draws.integer(other.length + 1))
}

const often = [insert, insert, insert, replace, replace, replace, replace, remove, remove, lines, lines]
const edits: ReadonlyArray<Edit> = [...often, ...often, ...often, cut, splice, nest]

/** One to four of these, and now and then damaged bytes. */
export const damagedText = (bases: ReadonlyArray<string>, words: ReadonlyArray<string>, draws: Draws): Buffer => {
  let text = pick(bases, draws)
  for (let times = draws.integer(3) === 0 ? draws.integer(4) : 0; times >= 0; times--)
    text = pick(edits, draws)(text, draws, words, bases)
  const bytes = Buffer.from(text)
  return draws.integer(10) === 0 && bytes.length > 8
    ? pick(damages, draws)(
        bytes,
        draws,
        bases.map((base) => Buffer.from(base)),
      )
    : bytes
}
