import { build, Column, type Table, view } from "@relent/arrow"
import { source } from "@relent/random"
import type { AnyStage } from "@relent/stage"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { bostonHousing } from "../src/boston-housing.ts"
import { gaussianMixture } from "../src/gaussian-mixture.ts"
import { readIdx } from "../src/idx.ts"
import { mnist } from "../src/mnist.ts"
import { split } from "../src/split.ts"
import { seattleWeather } from "../src/seattle-weather.ts"
import { take } from "../src/take.ts"
import { stateOfTheUnion } from "../src/state-of-the-union.ts"
import { text } from "../src/text.ts"
import { twoMoons } from "../src/two-moons.ts"
import { filesOf } from "./files.ts"

const run = (
  stage: AnyStage,
  parameters: unknown,
  inputs: unknown = {},
  sources: unknown = {},
): Promise<Record<string, Table<any>>> =>
  Effect.runPromise(
    stage.run({ parameters, inputs, sources, random: source({ seed: 1, stream: "test" }) }) as Effect.Effect<never>,
  )
const failure = (stage: AnyStage, parameters: unknown, inputs: unknown) =>
  run(stage, parameters, inputs).then(
    () => "no failure",
    (error: Error) => error.message,
  )

it("boston-housing has all 506 tracts, with 13 features and a price", async () => {
  const { data } = await run(bostonHousing, {}, {}, filesOf(bostonHousing))
  const { id, x, y } = data!.columns as { id: Int32Array; x: Float32Array; y: Float32Array }
  expect([id.length, x.length, y.length]).toEqual([506, 506 * 13, 506])
  const first = [0.00632, 18, 2.31, 0, 0.538, 6.575, 65.2, 4.09, 1, 296, 15.3, 396.9, 4.98]
  expect([...x.subarray(0, 13)]).toEqual(first.map(Math.fround))
  expect(y[0]).toBe(24)
  // published: mean 22.533, deviation 9.197, sixteen cut off at 50
  const mean = y.reduce((a, b) => a + b, 0) / 506
  expect(mean).toBeCloseTo(22.5328, 3)
  expect(Math.sqrt(y.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 505)).toBeCloseTo(9.1971, 3)
  expect(y.filter((v) => v === 50)).toHaveLength(16)
})

describe("seattle-weather", () => {
  it("has every day of four years, with all that is measured", async () => {
    const { data } = await run(seattleWeather, {}, {}, filesOf(seattleWeather))
    const { id, date, precipitation, temp_max, temp_min, wind } = data!.columns as any
    const days = Array.from({ length: 1461 }, (_, i) => i)
    expect([...id]).toEqual(days)
    expect([...date]).toEqual(days.map((i) => new Date(Date.UTC(2012, 0, 1 + i)).toISOString().slice(0, 10)))
    expect([precipitation[1], temp_max[1], temp_min[1], wind[1]]).toEqual([10.9, 10.6, 2.8, 4.5])
    const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / 1461
    // Python's means of the file
    expect([precipitation, temp_max, temp_min, wind].map((values) => mean(values).toFixed(2))).toEqual([
      "3.03",
      "16.44",
      "8.23",
      "3.24",
    ])
    for (const i of days) expect(temp_max[i]).toBeGreaterThanOrEqual(temp_min[i])
  })
  it.each([
    [
      "date,precipitation,temp_max,temp_min\n2012-01-01,0,12.8,5",
      /column 'wind': wanted float64, found no such column/,
    ],
    ["date,precipitation,temp_max,temp_min,wind\n2012-01-01,0,,5,4.7", /line 2\), column 'temp_max'.*found nothing/],
    ["date,precipitation,temp_max,temp_min,wind\n2012-01-01,0,warm,5,4.7", /column 'temp_max'.*found "warm"/],
    ["", /an empty file/],
  ])("refuses a package that isn't whole: %j", async (csv, message) => {
    const days = { path: "", digest: "", bytes: Effect.succeed(new TextEncoder().encode(csv)) }
    await expect(run(seattleWeather, {}, {}, { days })).rejects.toThrow(message)
  })
})

describe("mnist", () => {
  it("has all 70,000 digits, with their labels", async () => {
    const { train, test } = await run(mnist, {}, {}, filesOf(mnist))
    expect([train!.length, test!.length]).toEqual([60_000, 10_000])
    const counts = (labels: Int32Array) => Array.from({ length: 10 }, (_, c) => labels.filter((l) => l === c).length)
    expect(counts(train!.columns["label"] as Int32Array)).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ])
    expect(counts(test!.columns["label"] as Int32Array)).toEqual([
      980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ])
    expect((test!.columns["id"] as Int32Array)[0]).toBe(60_000)
    const pixels = train!.columns["image"] as Uint8Array
    expect((pixels.reduce((a, b) => a + b, 0) / pixels.length / 255).toFixed(4)).toBe("0.1307")
  })
  it("refuses a file that isn't whole", async () => {
    const message = (bytes: Uint8Array<ArrayBuffer>) =>
      Effect.runPromise(Effect.flip(readIdx(bytes, "labels"))).then((e) => e.message)
    expect(await message(new Uint8Array(3))).toContain("is no IDX file")
    expect(await message(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 1, 2))).toBe("labels has 2 bytes, wanted 3")
    expect(await message(Uint8Array.of(0, 0, 8, 3, 0, 0))).toBe("labels ends within its header")
  })
})

describe("text", () => {
  const texts = async (by: string, letters: boolean) =>
    [...(await run(text, { by, letters }, {}, filesOf(text)))["passages"]!.rows] as ReadonlyArray<any>

  it("is Moby Dick by chapter, in the order of reading", async () => {
    const chapters = await texts("chapter", false)
    expect(chapters.map(({ id }) => id)).toEqual(Array.from({ length: 139 }, (_, i) => i))
    expect(chapters[3]).toMatchObject({
      chapter: "1 Loomings.",
      text: expect.stringMatching(/^Call me Ishmael\. Some years/),
    })
  })
  it("is one stream of letters, however it is cut", async () => {
    const [chapters, paragraphs] = [await texts("chapter", true), await texts("paragraph", true)]
    expect([chapters.length, paragraphs.length]).toEqual([139, 2655])
    const stream = chapters.map((row) => row.text as string).join(" ")
    expect(stream).toHaveLength(1_170_261)
    expect(stream).toMatch(/^[a-z]+( [a-z]+)*$/)
    expect(paragraphs.map((row) => row.text as string).join(" ")).toBe(stream)
  })
  it("refuses a package that isn't whole", async () => {
    const files = { ...filesOf(text), chapter_1: { path: "", digest: "", bytes: Effect.succeed(new Uint8Array(3)) } }
    await expect(run(text, { by: "chapter", letters: false }, {}, files)).rejects.toThrow(
      "chapter_1.json is no chapter",
    )
  })
})

describe("state-of-the-union", () => {
  it("is one stream of letters", async () => {
    const { passages } = await run(stateOfTheUnion, { letters: true }, {}, filesOf(stateOfTheUnion))
    const rows = [...passages!.rows] as ReadonlyArray<any>
    expect(rows[0]).toMatchObject({ id: 0, chapter: "1790 George Washington" })
    const stream = rows.map((row) => row.text as string).join(" ")
    expect(stream).toHaveLength(10_503_291)
    expect(stream).toMatch(/^[a-z]+( [a-z]+)*$/)
  })
})

describe("synthetic data", () => {
  it("moons lie on their half circles", async () => {
    const { data } = await run(twoMoons, { rows: 400, noise: 0 })
    const x = data!.columns["x"] as Float32Array
    for (const [i, label] of (data!.columns["label"] as Int32Array).entries()) {
      const [a, b] = [x[2 * i]!, x[2 * i + 1]!]
      const radius = label === 0 ? Math.hypot(a, b) : Math.hypot(a - 1, b - 0.5)
      expect(radius).toBeCloseTo(1, 5)
      expect(label === 0 ? b : 0.5 - b).toBeGreaterThanOrEqual(-1e-6)
    }
  })
  it("a mixture has the same means in every draw, and the deviation it is told", async () => {
    const options = { rows: 20_000, classes: 3, features: 2, spread: 5, deviation: 0.5 }
    const means = async (draw: number) => {
      const { data } = await run(gaussianMixture, { ...options, draw })
      const [x, labels] = [data!.columns["x"] as Float32Array, data!.columns["label"] as Int32Array]
      return [0, 1, 2].map((c) => {
        const own = [...labels.keys()].filter((i) => labels[i] === c).map((i) => x[2 * i]!)
        const mean = own.reduce((a, b) => a + b, 0) / own.length
        const sd = Math.sqrt(own.reduce((a, v) => a + (v - mean) ** 2, 0) / own.length)
        return { mean, sd }
      })
    }
    const [first, second] = [await means(0), await means(1)]
    for (const c of [0, 1, 2]) {
      expect(first[c]!.mean).not.toBe(second[c]!.mean)
      expect(Math.abs(first[c]!.mean - second[c]!.mean)).toBeLessThan(0.05)
      expect(Math.abs(first[c]!.sd - 0.5)).toBeLessThan(0.02)
    }
    expect(await failure(gaussianMixture, { ...options, draw: 0, weights: [1, 2] }, {})).toBe(
      "there are 2 weights for 3 classes",
    )
  })
})

describe("the posterior of a mixture", () => {
  it("is Bayes' rule: as often right as it says it is", async () => {
    const options = { rows: 20_000, classes: 4, features: 2, spread: 1.5, deviation: 1, draw: 0, weights: [1, 2, 3, 2] }
    const { data, posterior } = await run(gaussianMixture, options)
    const [labels, logits] = [data!.columns["label"] as Int32Array, posterior!.columns["logits"] as Float32Array]
    const confidence: Array<number> = []
    let right = 0
    for (const [i, label] of labels.entries()) {
      const row = [...logits.subarray(4 * i, 4 * i + 4)]
      const top = Math.max(...row)
      confidence.push(1 / row.reduce((sum, z) => sum + Math.exp(z - top), 0))
      if (row[label] === top) right++
    }
    const mean = confidence.reduce((a, b) => a + b, 0) / labels.length
    expect(Math.abs(mean - right / labels.length)).toBeLessThan(4 * Math.sqrt(0.25 / labels.length))
    expect(mean).toBeGreaterThan(0.5)
  })
})

describe("parts of a table", () => {
  const columns = {
    id: Column.int32,
    x: Column.tensor("float32", [2]),
    label: Column.int32,
    name: Column.nullable(Column.utf8),
  }
  const rows = 12
  const table = view(
    build("mine/rows", columns, {
      id: Int32Array.from({ length: rows }, (_, i) => i),
      x: Float32Array.from({ length: 2 * rows }, (_, i) => i),
      label: Int32Array.from({ length: rows }, (_, i) => i % 3),
      name: Array.from({ length: rows }, (_, i) => (i % 2 ? null : `row ${i}`)),
    }),
  )
  const ids = (t: Table<any> | undefined) => [...(t!.columns["id"] as Int32Array)]

  it("keep whole rows and the schema", async () => {
    const { first, rest } = await run(split, { share: 0.25 }, { table })
    expect([...ids(first), ...ids(rest)].toSorted((a, b) => a - b)).toEqual(ids(table))
    expect(ids(first)).toHaveLength(3)
    expect(rest!.arrow.schema.toString()).toBe(table.arrow.schema.toString())
    const all = [...table.rows]
    expect([...rest!.rows]).toEqual(ids(rest).map((i) => all[i]))
  })
  it("hold the same share of each value, if told so", async () => {
    const { first, rest } = await run(split, { share: 0.75, by: "label" }, { table })
    const counts = (t: Table<any> | undefined) =>
      [0, 1, 2].map((c) => (t!.columns["label"] as Int32Array).filter((l) => l === c).length)
    expect([counts(first), counts(rest)]).toEqual([
      [3, 3, 3],
      [1, 1, 1],
    ])
    expect([...ids(first), ...ids(rest)].toSorted((a, b) => a - b)).toEqual(ids(table))
    expect(await failure(split, { share: 0.9, by: "label" }, { table })).toBe(
      "a share of 0.9 of 4 rows with 'label' 0 leaves one part empty",
    )
    expect(await failure(split, { share: 0.5, by: "lable" }, { table })).toBe(
      "there is no column 'lable' of single values",
    )
    expect(await failure(split, { share: 0.5, by: "x" }, { table })).toContain("'x' of single values")
  })
  it("are taken first, at random, or balanced", async () => {
    expect(ids((await run(take, { rows: 4, how: "first" }, { table }))["table"])).toEqual([0, 1, 2, 3])
    expect(new Set(ids((await run(take, { rows: 12, how: "random" }, { table }))["table"])).size).toBe(12)
    const labels = (await run(take, { rows: 6, how: "balanced" }, { table }))["table"]!.columns["label"] as Int32Array
    expect([...labels].toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1, 2, 2])
  })
  it("can't be what isn't there", async () => {
    expect(await failure(take, { rows: 13, how: "first" }, { table })).toBe("the table has 12 rows, 13 are wanted")
    expect(await failure(take, { rows: 7, how: "balanced" }, { table })).toBe(
      "7 rows can't be spread evenly over 3 labels",
    )
    expect(await failure(split, { share: 0.01 }, { table })).toContain("leaves one part empty")
    const bare = view(build("mine/bare", { x: Column.float32 }, { x: [1, 2] }))
    expect(await failure(take, { rows: 2, how: "balanced" }, { table: bare })).toContain("no column 'label'")
  })
})
