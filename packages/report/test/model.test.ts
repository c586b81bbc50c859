/** From manifests, outcomes and tables to what the page shows. */
import { Column, TableSchema } from "@relent/arrow"
import type { ManifestStep } from "@relent/runtime"
import { decode } from "fast-png"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  armLabels,
  axesOf,
  cardOf,
  curvesOf,
  detailOf,
  emittedOf,
  graphOf,
  graphText,
  groupsOf,
  type Held,
  isEmitted,
  layoutOf,
  ownChart,
  pageOf,
  pngOf,
  shownTable,
  stateOf,
  stripOf,
} from "../src/index.ts"
import { digits, duration, spell } from "../src/spell.ts"
import { hostile, judged, newStore, outcome, pipeline, runToy, tablesOf } from "./toy.ts"

const step = (id: string, at: ManifestStep["at"] = {}, more: Partial<ManifestStep> = {}): ManifestStep => ({
  id,
  stage: "toy/train",
  key: "k".repeat(64),
  parts: {
    stage: "toy/train",
    code: "c".repeat(64),
    parameters: {},
    named: {},
    inputs: {},
    sources: {},
    numerics: "float64/v8",
  },
  status: "computed",
  milliseconds: 1500,
  at,
  outputs: {},
  ...more,
})

describe("for people", () => {
  it("numbers keep the digits that tell something", () => {
    expect([0.848123, 60000, 1e-9, -0.5, 123456.7, 2 ** 60, 0, -0].map((n) => digits(n))).toEqual([
      "0.84812",
      "60000",
      "1e−9",
      "−0.5",
      "123460",
      "1.1529e+18",
      "0",
      "0",
    ])
    expect([NaN, Infinity, -Infinity].map((n) => digits(n))).toEqual(["NaN", "∞", "−∞"])
  })
  it("times have the unit they deserve, and never 60 seconds", () => {
    expect([4, 999.6, 1234, 99_949, 99_951, 179_999].map(duration)).toEqual([
      "4 ms",
      "1000 ms",
      "1.2 s",
      "99.9 s",
      "1 min 40 s",
      "3 min 00 s",
    ])
  })
  it("parameters are spelled as in a document", () => {
    expect(spell({ kd: { divergence: "jensen-shannon", temperature: 4 } })).toBe(
      "kd: {divergence: jensen-shannon, temperature: 4}",
    )
    expect([spell("kl"), spell([1, [2]]), spell({}), spell(null)]).toEqual(["kl", "[1, [2]]", "{}", "null"])
  })
})

describe("steps of a sweep", () => {
  it("are told apart by the axes that differ, the seed last and in no arm's name", () => {
    const points = [
      { seed: 1, loss: "kd", size: 3 },
      { seed: 2, loss: { nkd: {} }, size: 3 },
    ]
    expect(axesOf(points)).toEqual(["loss", "seed"])
    expect(armLabels(points.map((at, i) => step(`s@${i}`, at)))).toEqual(["kd", "nkd: {}"])
  })
  it("of several names carry them", () => {
    const some = [step("a@seed=1", { seed: 1 }), step("b@seed=1", { seed: 1 })]
    expect(armLabels(some)).toEqual(["a", "b"])
    const mixed = [step("a@b=1", { b: 1, c: 1 }), step("a@b=2", { b: 2, c: 1 }), step("d")]
    expect(armLabels(mixed)).toEqual(["a, b 1, c 1", "a, b 2, c 1", "d"])
  })
  it("say what was computed and what came from the store, with times", () => {
    const cached = { status: "cached" } as const
    expect(stateOf({ steps: [step("a")] })).toEqual({ status: "computed", state: "computed, 1.5 s" })
    expect(stateOf({ steps: [step("a", {}, cached)] })).toEqual({ status: "cached", state: "cached (1.5 s)" })
    expect(stateOf({ steps: [step("a"), step("b", {}, cached), step("c", {}, cached)] })).toEqual({
      status: "both",
      state: "1 computed, 2 cached, 4.5 s",
    })
  })
})

describe("an image", () => {
  it("is a tensor of bytes with rows and columns, or floats under its name", () => {
    const of = (dtype: "uint8" | "float32" | "int32", shape: ReadonlyArray<number>, name = "x") =>
      layoutOf(name, Column.tensor(dtype, shape))
    expect(of("uint8", [28, 30])).toEqual({ height: 28, width: 30, channels: 1, planar: false, mask: false })
    expect(of("uint8", [28, 30, 3])).toEqual({ height: 28, width: 30, channels: 3, planar: false, mask: false })
    expect(of("uint8", [3, 28, 30])).toEqual({ height: 28, width: 30, channels: 3, planar: true, mask: false })
    expect(of("float32", [28, 28], "image")).toBeDefined()
    expect(of("float32", [28, 28], "sample_image")).toBeDefined()
    expect(of("float32", [28, 28], "logits")).toBeUndefined()
    expect(of("int32", [28, 28], "image")).toBeUndefined()
    expect(of("uint8", [784])).toBeUndefined()
    expect(of("uint8", [28, 28, 5])).toBeUndefined()
    expect(of("uint8", [1, 2000])).toBeUndefined()
  })
  it("comes back from its PNG", () => {
    const pixels = (values: ArrayLike<number>, ...[name, column]: Parameters<typeof layoutOf>) => {
      const address = pngOf(values, layoutOf(name, column)!)
      expect(address).toMatch(/^data:image\/png;base64,[\w+/=]+$/)
      return [...decode(Buffer.from(address.split(",")[1]!, "base64")).data]
    }
    const bytes = [0, 255, 7, 8, 9, 10]
    expect(pixels(Uint8Array.from(bytes), "a", Column.tensor("uint8", [2, 3]))).toEqual(bytes)
    expect(pixels(Uint8Array.from([0, 1, 2, 3]), "mask", Column.tensor("uint8", [2, 2]))).toEqual([0, 85, 170, 255])
    const planes = Uint8Array.from([1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24])
    expect(pixels(planes, "a", Column.tensor("uint8", [3, 2, 2]))).toEqual([1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24])
    const float = Column.tensor("float32", [2, 2])
    expect(pixels([0, 0.5, 1, 0.2], "image", float)).toEqual([0, 128, 255, 51])
    expect(pixels([-1, 0, 1, 0.5], "image", float)).toEqual([0, 128, 255, 191])
    expect(pixels([0, 10, 20, Number.NaN], "image", float)).toEqual([0, 128, 255, 0])
    expect(pixels([5, 5, 5, 5], "image", float)).toEqual([0, 0, 0, 0])
  })
})

const Mixed = TableSchema.make("toy/mixed", 1, {
  n: Column.float64,
  maybe: Column.nullable(Column.utf8),
  bytes: Column.binary,
  list: Column.tensor("float64", [10]),
})
const mixed = Mixed.make({
  n: [1 / 3, Number.NaN],
  maybe: ["x".repeat(2000), null],
  bytes: [new Uint8Array(5), new Uint8Array(0)],
  list: Array.from({ length: 20 }, (_, i) => i),
}).arrow

describe("a table", () => {
  it("shows numbers short with the rest at hand, lists cut, bytes counted, what is missing empty", () => {
    const [first, second] = shownTable([{ at: {}, table: mixed }], 10).rows
    expect(first![0]).toEqual({ kind: "number", text: "0.33333", full: "0.3333333333333333" })
    expect(first![1]!.text).toMatch(/^x{1200}…$/)
    expect(first![2]!.text).toBe("5 bytes")
    expect(first![3]!.text).toBe("[0 1 2 3 4 5 6 7 … 10]")
    expect(second!.map(({ text }) => text)).toEqual(["NaN", "", "0 bytes", "[10 11 12 13 14 15 16 17 … 10]"])
  })
  it("of a sweep holds a share of every point, under the axes that differ", () => {
    const points = [1, 2, 3].map((seed) => ({ at: { seed, loss: "kd" }, table: mixed }))
    const all = shownTable(points, 200)
    expect(all.columns).toEqual(["seed", "n", "maybe", "bytes", "list"])
    expect(all.rows.map((row) => row[0]!.text)).toEqual(["1", "1", "2", "2", "3", "3"])
    expect(shownTable(points, 3).rows.map((row) => row[0]!.text)).toEqual(["1", "2", "3"])
    expect(shownTable(points, 2).rows).toHaveLength(2)
  })
  it("without rows or points is empty", () => {
    expect(shownTable([], 10)).toEqual({ columns: [], rows: [] })
    expect(shownTable([{ at: {}, table: mixed.slice(0, 0) }], 10)).toMatchObject({
      columns: ["n", "maybe", "bytes", "list"],
      rows: [],
    })
  })
  it("brings its own chart, unless that isn't one", () => {
    const { arrow } = Mixed.make(
      {
        n: [1, Infinity],
        maybe: ["a", null],
        bytes: [new Uint8Array(1), new Uint8Array(1)],
        list: new Float64Array(20),
      },
      { metadata: { "relent:chart": `{"mark":"bar","data":{"url":"https://example.org/x"}}` } },
    )
    const chart = ownChart("a.b", { at: { loss: "kd" }, table: arrow })!
    expect(chart.title).toBe("a.b, loss kd")
    expect(chart.spec).toMatchObject({ mark: "bar", width: "container" })
    // The data is the table's, whatever the specification says.
    expect(chart.spec["data"]).toEqual({
      values: [
        { n: 1, maybe: "a", bytes: [0], list: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { n: null, maybe: null, bytes: [0], list: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      ],
    })
    for (const text of ["[]", "{", "1", "null"])
      expect(
        ownChart("a.b", {
          at: {},
          table: Mixed.make({ n: [], maybe: [], bytes: [], list: [] }, { metadata: { "relent:chart": text } }).arrow,
        }),
      ).toBeUndefined()
  })
})

const Emitted = TableSchema.make("metrics", 1, {
  step: Column.int32,
  member: Column.int32,
  loss: Column.float64,
  on: Column.bool,
})
const emitted = (losses: ReadonlyArray<readonly [step: number, member: number, loss: number]>) =>
  Emitted.make({
    step: losses.map(([s]) => s),
    member: losses.map(([, m]) => m),
    loss: losses.map(([, , l]) => l),
    on: losses.map(() => true),
  }).arrow

describe("curves", () => {
  it("are means over seeds and members with a band from the least to the largest", () => {
    const curves = curvesOf([
      {
        step: step("a@loss=kd,seed=1", { loss: "kd", seed: 1 }),
        table: emitted([
          [0, 0, 1],
          [0, 1, 3],
          [5, 0, 1],
          [5, 1, 1],
        ]),
      },
      {
        step: step("a@loss=kd,seed=2", { loss: "kd", seed: 2 }),
        table: emitted([
          [0, 0, 5],
          [5, 0, 4],
        ]),
      },
      {
        step: step("a@loss=nkd,seed=1", { loss: "nkd", seed: 1 }),
        table: emitted([
          [0, 0, 7],
          [5, 0, Number.NaN],
        ]),
      },
    ])
    expect(curves).toEqual([
      {
        stage: "toy/train",
        metric: "loss",
        arms: ["kd", "nkd"],
        points: [
          { step: 0, arm: "kd", mean: 3, low: 1, high: 5, count: 3 },
          { step: 5, arm: "kd", mean: 2, low: 1, high: 4, count: 3 },
          { step: 0, arm: "nkd", mean: 7, low: 7, high: 7, count: 1 },
        ],
      },
    ])
  })
  it("of very many steps are thinned, and keep their end", () => {
    const long = emitted(Array.from({ length: 5000 }, (_, i) => [i, 0, i] as const))
    const { points } = curvesOf([{ step: step("a"), table: long }])[0]!
    expect(points.length).toBeLessThanOrEqual(401)
    expect(points.at(-1)!.step).toBe(4999)
  })
  it("are of trainings only", () => {
    expect(
      isEmitted(
        emitted([
          [0, 0, 1],
          [1, 0, 1],
        ]),
      ),
    ).toBe(true)
    expect(isEmitted(emitted([[0, 0, 1]]))).toBe(false)
    expect(isEmitted(mixed)).toBe(false)
  })
})

describe("a card", () => {
  it("says what is compared, in the direction that is tested", () => {
    const card = cardOf(outcome())
    expect(card.test).toBe("loss of other less that of kl, wanted above 0")
    expect(card.interval).toBe("0.995 [0.84, 1.15], mean [95 %]")
    expect(card).toMatchObject({ record: "as recorded", changed: false, seeds: "3 of 3 seeds as claimed" })
    expect(cardOf(outcome({ test: { greater: ["kl", "other"] } })).test).toMatch(/^loss of kl less that of other/)
    expect(cardOf(outcome({ test: { every: "kl", above: 0 }, wanted: { above: 0 } }))).toMatchObject({
      test: "loss of kl, every seed wanted above 0",
      interval: "0.995 [0.84, 1.15], mean [least, largest]",
    })
    const said = (test: Parameters<typeof outcome>[0] & object) => {
      const { test: text, interval } = cardOf(outcome(test))
      return [text, interval.split(", ").at(-1)]
    }
    expect(said({ test: { equal: ["a", "b"] }, wanted: { above: 0, below: 0 } })).toEqual([
      "loss of a and b, the same in every seed",
      "largest]",
    ])
    expect(said({ test: { ascending: ["a", "b", "c"] } })[0]).toBe(
      "loss rises: a < b < c; the smallest of these steps, wanted above 0",
    )
    expect(said({ test: { greater: ["a", "b"], times: 0.8 } })[0]).toBe(
      "loss of a less 0.8 times that of b, wanted above 0",
    )
    expect(said({ test: { less: ["a", "b"], times: 0.1 } })[0]).toBe(
      "0.1 times loss of b less that of a, wanted above 0",
    )
    expect(said({ test: { noWorse: ["a", "b"], margin: 0.1 }, wanted: { above: -0.1 } })).toEqual([
      "loss of a less that of b, wanted above −0.1",
      "mean [95 %]",
    ])
    expect(said({ test: { trajectory: ["a", "b"], within: 1 }, wanted: { above: -1, below: 1 } })).toEqual([
      "loss of a less that of b, on average over its rows as a share of the largest, wanted between −1 and 1",
      "mean [99.9 %]",
    ])
    expect(cardOf(outcome({ expected: { verdict: "not reproduced", why: "known" } })).expected).toBe(
      "expected not reproduced: known",
    )
    expect(cardOf(outcome({ recorded: "undecided" }))).toMatchObject({ record: "recorded: undecided", changed: true })
    expect(cardOf(outcome({ recorded: undefined }))).toMatchObject({ record: "not recorded yet", changed: true })
  })
  it("has a line that holds the interval, the seeds, and the mark where it is near", () => {
    const strip = stripOf(outcome())!
    expect(strip.zero).toBeGreaterThan(0)
    expect(strip.low).toBeGreaterThan(strip.zero!)
    expect([strip.low < strip.mean, strip.mean < strip.high, strip.high < 1]).toEqual([true, true, true])
    expect(strip.wanted).toEqual([strip.zero, 1])
    expect(strip.dots).toHaveLength(3)
  })
  it("leaves a mark that is far away outside, but shades towards it", () => {
    const strip = stripOf(
      outcome({ interval: { mean: 1e-9, low: 0, high: 2e-9 }, judged: [0, 2e-9], wanted: { below: 1 } }),
    )!
    expect(strip.wanted[1]).toBe(1)
    expect(strip.high - strip.low).toBeGreaterThan(0.8)
  })
  it("with one seed goes to both ends, and without a number has no line", () => {
    const one = stripOf(outcome({ interval: { mean: 1, low: -Infinity, high: Infinity }, judged: [1] }))!
    expect([one.low, one.high]).toEqual([0, 1])
    const none = { mean: Number.NaN, low: Number.NaN, high: Number.NaN }
    expect(stripOf(outcome({ interval: none, judged: [Number.NaN] }))).toBeUndefined()
    const exact = stripOf(outcome({ interval: { mean: 0, low: 0, high: 0 }, judged: [0, 0] }))!
    expect([exact.low, exact.zero]).toEqual([0.5, 0.5])
  })
})

describe("a run", () => {
  const store = newStore()
  let manifest: Awaited<ReturnType<typeof runToy>>
  let held: ReadonlyArray<Held>
  beforeAll(async () => {
    manifest = await runToy(store.folder)
    held = await tablesOf(store.folder, manifest)
  })
  afterAll(store.remove)

  it("has a graph of its names, with arrows along what was read", () => {
    const graph = graphOf(manifest)
    expect(graph.boxes.map(({ name }) => name).toSorted()).toEqual(["collect", "images", "train"])
    expect(graph.arrows.map(({ from, to, ports }) => [from, to, ports])).toEqual(
      expect.arrayContaining([
        ["images", "train", ["images"]],
        ["train", "collect", ["points"]],
      ]),
    )
    const at = (name: string) => graph.boxes.find((box) => box.name === name)!
    expect([at("images").y < at("train").y, at("train").y < at("collect").y]).toEqual([true, true])
    for (const { x, y, width, height } of graph.boxes)
      expect([x - width / 2 >= 0, x + width / 2 <= graph.width, y + height / 2 <= graph.height]).toEqual([
        true,
        true,
        true,
      ])
    expect(graphText(graph)).toMatch(/^3 steps: .*train reads images/)
  })
  it("of before arrows were kept has boxes", () => {
    const old = { ...manifest, steps: manifest.steps.map((one) => ({ ...one, inputs: {} })) }
    expect(graphOf(old)).toMatchObject({ arrows: [], boxes: [{}, {}, {}] })
    expect(graphOf({ ...manifest, steps: [] })).toMatchObject({ boxes: [], arrows: [] })
  })
  it("has the pipeline's tables first, and curves of what trainings emitted", () => {
    expect(held.map(({ name, outputs }) => [name, outputs])).toEqual([
      ["images.images", ["images"]],
      ["collect.table", ["points"]],
      ["train.points", []],
      ["train.metrics", []],
    ])
    const [curve] = curvesOf(emittedOf(held))
    expect(curve!.arms).toEqual(["kl", hostile])
    expect(curve!.points.filter(({ arm }) => arm === "kl").map(({ count }) => count)).toEqual([2, 2, 2, 2, 2, 2])
  })
  it("tells parameters and provenance of each name", () => {
    const detail = detailOf(groupsOf(manifest).find(({ name }) => name === "train")!)
    expect(detail.parameters).toEqual([["divergence", `kl; ${hostile}`]])
    expect(Object.fromEntries(detail.facts)).toMatchObject({
      stage: "toy/train",
      inputs: "images: images.images",
      draws: "seed 1, stream train; seed 2, stream train",
    })
    expect(detail.axes).toEqual(["divergence", "seed"])
    expect(detail.points).toHaveLength(4)
    expect(detail.points[0]).toMatchObject({ at: ["kl", "1"], status: "computed" })
    expect(detail.points[0]!.outputs).toMatch(/^points: 12 rows, [0-9a-f]{12}; metrics: 6 rows, [0-9a-f]{12}$/)
  })
  it("names a few of the files of a step that read many", () => {
    const group = groupsOf(manifest).find(({ name }) => name === "images")!
    const withFiles = (count: number) => {
      const sources = Object.fromEntries(Array.from({ length: count }, (_, i) => [`mail ${i}`, `${i}`.repeat(64)]))
      const steps = group.steps.map((step) => ({ ...step, parts: { ...step.parts, sources } }))
      return new Map(detailOf({ ...group, steps }).facts).get("files")
    }
    expect(withFiles(2)).toBe("mail 0 000000000000, mail 1 111111111111")
    expect(withFiles(6046)).toMatch(/^mail 0 0{12}, (?:mail \d \d{12}, ){7}… \(6046\)$/)
  })
  it("makes a page; its suite's verdicts come first", () => {
    const page = pageOf([{ manifest, held, judged: judged() }])
    expect(page.title).toBe("Verdicts: toy")
    const [section] = page.sections
    expect(section!.charts.map(({ title }) => title)).toEqual([
      "loss of the arms",
      ...["kl", hostile].flatMap((arm) => [1, 2].map((seed) => `train.points, divergence ${arm}, seed ${seed}`)),
      "loss of toy/train",
    ])
    expect(section!.tables[0]).toMatchObject({ total: 70, outputs: ["images"] })
    expect(section!.tables[0]!.rows).toHaveLength(60)
    const many = pageOf([{ manifest, held, judged: judged(Array.from({ length: 40 }, () => outcome())) }])
    expect(many.note).toMatch(/^40 verdicts rest on intervals of 95 %: by chance about 2/)
    expect("note" in page).toBe(false)
    const two = { manifest, held, judged: judged() }
    expect(pageOf([two, two]).title).toBe("Verdicts: 2 suites")
    expect(
      pageOf([
        { manifest, held },
        { manifest, held },
      ]),
    ).toMatchObject({
      title: "2 runs",
      sections: [{ title: manifest.run }, {}],
    })
  })
  it("says which tables are gone", async () => {
    const other = newStore()
    const some = await runToy(other.folder, pipeline(["kl"]))
    other.remove()
    const [first] = await tablesOf(other.folder, some)
    expect(first).toMatchObject({ name: "images.images", gone: 1, points: [], rows: 70 })
  })
})
