/** Mails as texts, and texts as counts of words. */
import { build, Column, columnsOf, show, type Table, view } from "@relent/arrow"
import { check, Pipeline, registry } from "@relent/stage"
import { failureOf, runStage } from "@relent/stage/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { assemble } from "../src/assemble.ts"
import { bagOfWords } from "../src/bag-of-words.ts"
import { mostFrequent, Vocabulary, wordsOf } from "../src/bag-of-words/vocabulary.ts"
import { Mails } from "../src/schemas.ts"
import { spamAssassin } from "../src/spam-assassin.ts"
import { split } from "../src/split.ts"
import { take } from "../src/take.ts"
import { filesOf } from "./files.ts"

const run = (inputs: object, parameters: object = {}) =>
  Effect.runPromise(runStage(bagOfWords, { inputs, parameters })).then(({ outputs }) => outputs)
const failure = (inputs: object, parameters: object = {}) =>
  Effect.runPromise(failureOf(bagOfWords, { inputs, parameters }))

const texts = (...all: ReadonlyArray<string>) =>
  Mails.fromRows(all.map((text, i) => ({ id: 10 + i, group: "g", text, label: i % 2 })))
const vocabulary = (...words: ReadonlyArray<string>) => Vocabulary.fromRows(words.map((word) => ({ word, texts: 1 })))
const rowsOf = (x: Float32Array, size: number) =>
  Array.from({ length: x.length / size }, (_, i) => [...x.subarray(i * size, (i + 1) * size)])

describe("words", () => {
  it("are runs of letters of any script, in lower case", () => {
    expect(wordsOf("Don't PANIC: 42 towels_now!\n=3Dend")).toEqual(["don", "t", "panic", "towels", "now", "dend"])
    expect(wordsOf("Ärger, re\u0301sume\u0301 СПАМ")).toEqual(["ärger", "résumé", "спам"])
    expect(wordsOf("12 + 30 = 42")).toEqual([])
  })
  it("are chosen by how many texts have them, and of equals by their characters", async () => {
    // a is in three texts; d, c and b in two, whatever the order of reading; e is most often there, but in one text
    const chosen = await Effect.runPromise(mostFrequent(["d c a", "b a d", "c b a", "e e e e e"], 3))
    expect([...chosen.rows]).toEqual([
      { word: "a", texts: 3 },
      { word: "b", texts: 2 },
      { word: "c", texts: 2 },
    ])
  })
})

describe("a bag of words", () => {
  it("is log(1 + count) of each word, beside the other columns", async () => {
    const { data, vocabulary } = await run({ table: texts("a a b", "B c a", "z") }, { words: 2 })
    expect([...vocabulary.columns.word]).toEqual(["a", "b"])
    expect(rowsOf(data.columns.x, 2)).toEqual([
      [Math.log(3), Math.log(2)].map(Math.fround),
      [Math.log(2), Math.log(2)].map(Math.fround),
      [0, 0],
    ])
    const columns = Object.entries(columnsOf(data.arrow)).map(([name, column]) => [name, show(column)])
    expect(columns).toEqual([
      ["id", "int32"],
      ["group", "utf8"],
      ["text", "utf8"],
      ["label", "int32"],
      ["x", "tensor float32[2]"],
    ])
    expect([...data.columns.id]).toEqual([10, 11, 12])
  })
  it("of new texts has the words that were chosen before, and no other", async () => {
    const first = await run({ table: texts("a a b", "b a") }, { words: 2 })
    const { data, vocabulary } = await run({ table: texts("c c c b"), vocabulary: first.vocabulary })
    expect([...vocabulary.rows]).toEqual([...first.vocabulary.rows])
    expect([...data.columns.x]).toEqual([0, Math.fround(Math.log(2))])
  })
  it("keeps columns of any kind, and reads a column of any name", async () => {
    const columns = { note: Column.utf8, when: Column.nullable(Column.int32), at: Column.tensor("float64", [2]) }
    const table = view(build("mine/notes", columns, { note: ["a b", "b"], when: [null, 3], at: [1, 2, 3, 4] }))
    const { data } = await run({ table }, { column: "note", words: 1 })
    expect([...data.columns.when]).toEqual([null, 3])
    expect([...data.columns.at]).toEqual([1, 2, 3, 4])
    expect([...data.columns.x]).toEqual([Math.log(2), Math.log(2)].map(Math.fround))
    expect(data.arrow.schema.metadata.get("relent:schema")).toBe("mine/notes")
  })
  it("of a table of one's own goes on to labels", async () => {
    const columns = { id: Column.int32, text: Column.utf8, kind: Column.utf8 }
    const table = view(build("mine/notes", columns, { id: [4, 7], text: ["b a b", "b"], kind: ["yes", "no"] }))
    const { data } = await run({ table }, { words: 2 })
    const examples = runStage(assemble, { inputs: { table: data }, parameters: { label: "kind" } })
    const { x, label } = (await Effect.runPromise(examples)).outputs["data"].columns
    expect([...label]).toEqual([1, 0])
    expect(rowsOf(x, 2)).toEqual([[Math.log(3), Math.log(2)].map(Math.fround), [Math.fround(Math.log(2)), 0]])
  })
  it("is known by a pipeline before it runs, with its width if 'words' tells it", async () => {
    const { mails } = spamAssassin()
    const { first, rest } = split({ table: mails }, { share: 0.8, by: "group" })
    const train = bagOfWords.as("train")({ table: first }, { words: 7 })
    const test = bagOfWords.as("test")({ table: rest, vocabulary: train.vocabulary })
    const outputs = { train: train.data, test: take({ table: test.data }, { rows: 5 }).table }
    const checked = check(Pipeline.make({ name: "mails", seed: 1, outputs }))
    const { steps } = await Effect.runPromise(Effect.provide(checked, registry([])))
    const known = (name: string, port: string) => {
      const { columns } = steps.find(({ step }) => step.name === name)!.outputs[port]!
      return Object.entries(columns).map(([column, type]) => `${column} ${show(type)}`)
    }
    const others = ["id int32", "group utf8", "text utf8", "label int32"]
    expect(known("train", "data")).toEqual([...others, "x tensor float32[7]"])
    expect(known("take", "table")).toEqual([...others, "x tensor float32[features]"])
  })
  it("refuses a column that holds no texts", async () => {
    const table = texts("a")
    expect(await failure({ table }, { column: "txet" })).toBe(
      "column 'txet' is missing: did you mean 'text'?; name it in 'column'",
    )
    expect(await failure({ table }, { column: "label" })).toContain("column 'label' is int32, wanted texts")
    expect(await failure({ table }, { column: "" })).not.toBe("no failure")
    const gaps = view(build("mine/gaps", { text: Column.nullable(Column.utf8) }, { text: ["a", null] }))
    expect(await failure({ table: gaps }, { words: 1 })).toBe(
      "column 'text', row 1: wanted a text, found nothing; fill or drop such rows",
    )
    expect(await failure({ table: texts() })).toBe("the table has no rows; give some")
    const taken = view(build("mine/taken", { text: Column.utf8, x: Column.int32 }, { text: ["a"], x: [1] }))
    expect(await failure({ table: taken }, { words: 1 })).toContain("the table has a column 'x' already")
  })
  it("refuses more words than there are", async () => {
    expect(await failure({ table: texts("a b", "a c") }, { words: 4 })).toBe(
      "the texts have 3 distinct words, 4 are wanted; make 'words' smaller, or give more texts",
    )
    expect(await failure({ table: texts("1", "") }, { words: 1 })).toContain("the texts have 0 distinct words")
    expect(await failure({ table: texts("a") })).toContain("1 distinct words, 1000 are wanted")
    expect(await failure({ table: texts("a") }, { words: 0 })).toContain("greater than 0")
  })
  it("refuses a vocabulary that can't be meant", async () => {
    const table = texts("a b")
    const wrong = (...words: ReadonlyArray<string>) => failure({ table, vocabulary: vocabulary(...words) })
    expect(await wrong()).toContain("the vocabulary has no words")
    expect(await wrong("a", "b", "a")).toContain("rows 0 and 2 of the vocabulary are both 'a'")
    for (const word of ["Don", "don't", "", "3d"])
      expect(await wrong("a", word)).toContain(
        `row 1 of the vocabulary, ${JSON.stringify(word)}, isn't one run of letters in lower case`,
      )
    expect(await failure({ table, vocabulary: vocabulary("a") }, { words: 2 })).toContain(
      "the vocabulary has 1 words, 'words' is 2",
    )
  })
})

describe("spam-assassin", () => {
  const files = filesOf(spamAssassin)
  const read = (sources: typeof files) =>
    Effect.runPromise(runStage(spamAssassin, { sources })).then(({ outputs }) => outputs["mails"] as Table<any>)

  it("has every mail once, without its header", async () => {
    expect(Object.keys(files)).toHaveLength(6046)
    const mails = await read(files)
    const counts = new Map<string, number>()
    for (const group of mails.columns["group"] as ReadonlyArray<string>) counts.set(group, (counts.get(group) ?? 0) + 1)
    // 2500, 1400, 250, 500 and 1396, less the 195 whose text is an earlier one's
    expect([...counts]).toEqual([
      ["easy-ham-1", 2472],
      ["easy-ham-2", 1389],
      ["hard-ham-1", 250],
      ["spam-1", 467],
      ["spam-2", 1273],
    ])
    expect([...(mails.columns["id"] as Int32Array)]).toEqual(Array.from({ length: 5851 }, (_, i) => i))
    expect((mails.columns["label"] as Int32Array).reduce((a, b) => a + b)).toBe(467 + 1273)
    const all = mails.columns["text"] as ReadonlyArray<string>
    expect(new Set(all).size).toBe(5851)
    expect(all[0]).toMatch(/^Date: {8}Wed, 21 Aug 2002 10:54:46 -0500\n/) // quoted by who answers
    expect(all.filter((text) => /^(?:Delivered-To|Received|List-Id|Subject):/.test(text))).toHaveLength(0)
  })
  it("leaves out whatever a header says, and keeps the first of two equal texts", async () => {
    const json = (value: object) => Effect.succeed(new TextEncoder().encode(JSON.stringify(value)))
    const given = [
      "Subject: [list] buy\nReceived: here\n by there\n\nA text\n\nFrom: inside\n",
      "List-Id: other\r\n\r\nA text\r\n",
      "Subject: none\n\nA text\n\nFrom: inside",
      "Subject: only a header",
    ]
    const sources = Object.fromEntries(
      Object.entries(files).map(([name, file], i) => [
        name,
        { ...file, bytes: json({ group: "spam-1", text: given[Math.min(i, 3)] }) },
      ]),
    )
    expect([...(await read(sources)).columns["text"]]).toEqual(["A text\n\nFrom: inside", "A text", ""])
  })
  it("refuses a package that isn't whole", async () => {
    const [first] = Object.keys(files)
    for (const content of ["", "[]", '{"group":"spam-3","text":""}']) {
      const bytes = Effect.succeed(new TextEncoder().encode(content))
      const sources = { ...files, [first!]: { path: "", digest: "", bytes } }
      await expect(read(sources)).rejects.toThrow(`${first}.json is no mail`)
    }
  })
})
