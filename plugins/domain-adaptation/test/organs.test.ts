/** The synthetic organs, and what is expected of them. */
import { Column, type Table, TableSchema } from "@relent/arrow"
import { describe, expect, it } from "vitest"
import { estimateClassRatio } from "../src/estimate-class-ratio.ts"
import { countsOf, SegmentedImages } from "../src/images.ts"
import { syntheticOrgans } from "../src/synthetic-organs.ts"
import { priorsOf } from "../src/tables.ts"
import { Effect } from "effect"
import { failure, run } from "./run.ts"

const organs = async (parameters: object = {}): Promise<Table<any>> =>
  (await run(syntheticOrgans, {}, parameters))["images"]
const pixels = 400
const average = (values: ReadonlyArray<number>) => values.reduce((sum, v) => sum + v, 0) / values.length

describe("synthetic organs", () => {
  it("depend on their number alone", async () => {
    const [few, many] = [await organs({ rows: 3 }), await organs({ rows: 5 })]
    for (const column of ["image", "mask", "tags"])
      expect(many.columns[column].slice(0, few.columns[column].length)).toEqual(few.columns[column])
  })
  it("are the recipe's: three of four have an ellipse, which the tags tell, of a size between 2.5 and 4.5", async () => {
    const { columns, length } = await organs({ rows: 400 })
    const sizes = Array.from({ length }, (_, row) =>
      columns.mask.subarray(row * pixels, (row + 1) * pixels).reduce((n: number, v: number) => n + v, 0),
    )
    sizes.forEach((size, row) =>
      expect([...columns.tags.subarray(2 * row, 2 * row + 2)]).toEqual([1, size > 0 ? 1 : 0]),
    )
    const present = sizes.filter((size) => size > 0)
    expect(Math.abs(present.length / length - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / length))
    // pi a b: the mean of a product is that of the means, the smallest has a = b = 2.5, the largest 4.5.
    expect(Math.abs(average(present) / (Math.PI * 3.5 ** 2) - 1)).toBeLessThan(0.05)
    expect(Math.min(...present)).toBeGreaterThan(14)
    expect(Math.max(...present)).toBeLessThan(69)
  })
  it.each([
    // The source: 0.3 + 0.4 mask + 0.2 g (1 - mask), the mean of g over the image is about 2 pi 4 / 400 = 0.06.
    ["source", 0.3 + 0.2 * 0.06, 0.7],
    ["target", 0.25 + 0.55 * 0.2 * 0.06, 0.25 + 0.55 * 0.4],
  ])("of the %s have the brightness of the recipe", async (domain, background, foreground) => {
    const { columns } = await organs({ rows: 300, domain })
    const brightness = (k: number) => average([...columns.image].filter((_, i) => columns.mask[i] === k))
    expect(Math.abs(brightness(0) - background)).toBeLessThan(0.01)
    expect(Math.abs(brightness(1) - foreground)).toBeLessThan(0.02)
  })
  it.each([
    [{ rows: 0 }, "greater than 0"],
    [{ domain: "mri" }, '"source"'],
  ])("refuse %j", async (parameters, reason) => {
    expect(await failure(syntheticOrgans, {}, parameters)).toContain(reason)
  })
})

/** Images of one line of four pixels. */
const line = (masks: ReadonlyArray<ReadonlyArray<number>>, tags: ReadonlyArray<ReadonlyArray<number>>) =>
  SegmentedImages.make(
    {
      id: masks.map((_, i) => 10 + i),
      image: new Float32Array(4 * masks.length),
      mask: Uint8Array.from(masks.flat()),
      tags: Uint8Array.from(tags.flat()),
    },
    { sizes: { height: 1, width: 4, classes: tags[0]?.length ?? 2 } },
  )
// Class 1 covers 1/4 and 2/4 where it is, class 2 1/4.
const source = line(
  [
    [0, 0, 0, 1],
    [0, 1, 1, 2],
    [0, 0, 0, 0],
  ],
  [
    [1, 1, 0],
    [1, 1, 1],
    [1, 0, 0],
  ],
)
const target = line(
  [
    [1, 0, 0, 0],
    [2, 2, 2, 1],
  ],
  [
    [1, 1, 0],
    [1, 1, 1],
  ],
)
const estimated = async (parameters: object) =>
  (await run(estimateClassRatio, { source, target }, parameters))["prior"].columns
const estimate = (inputs: object, parameters: object = {}) =>
  failure(estimateClassRatio, { source, target, ...inputs }, parameters)

describe("the expected class ratio", () => {
  it.each([
    [{}, [0.625, 0.375, 0, 0.375, 0.375, 0.25]],
    [{ scale: 0.5 }, [0.8125, 0.1875, 0, 0.6875, 0.1875, 0.125]],
    [{ tags: "none" }, [2 / 3, 0.25, 1 / 12, 2 / 3, 0.25, 1 / 12]],
    [{ tags: "true-size" }, [0.75, 0.25, 0, 0, 0.25, 0.75]],
  ])("with %j", async (parameters, wanted) => {
    const { id, prior } = await estimated(parameters)
    expect([...id]).toEqual([10, 11])
    wanted.forEach((p, i) => expect(prior[i]).toBeCloseTo(p, 12))
  })
  it("clips what rounding leaves", async () => {
    const full = line([[1, 1, 1, 1]], [[0, 1]])
    const { prior } = (await run(estimateClassRatio, { source: full, target: full }, { scale: 1 + 5e-7 }))["prior"]
      .columns
    expect(prior[0]).toBe(0)
  })
  it("refuses what can't be", async () => {
    expect(await estimate({}, { scale: 3 })).toContain("the classes of image 10 together cover 1.125 of it")
    expect(await estimate({}, { scale: 0 })).toContain("greater than 0")
    expect(await estimate({ target: line([[0, 0, 0, 0]], [[0, 0, 0]]) })).toContain("the tag of no class, not even")
    expect(await estimate({ target: line([[0, 0, 0, 0]], [[1, 2, 0]]) })).toContain("image 10 has the tag 2")
    expect(await estimate({ target: line([[0, 0, 0, 0]], [[1, 0]]) })).toContain(
      "image 11 has class 2, but there are 2",
    )
    const four = line([[0, 0, 0, 0]], [[1, 0, 0, 1]])
    expect(await estimate({ target: four })).toContain("said to have class 3, which no source image has")
    expect(await estimate({ target: line([], []) })).toContain("the target has no images")
    expect(await estimate({ source: line([], []) })).toContain("the source has no images")
    const bare = TableSchema.make("test/bare", 1, { id: Column.int32 }).make({ id: [1] })
    expect(await estimate({ target: bare })).toContain("the target has no tags")
    expect(await estimate({ target: bare }, { tags: "true-size" })).toContain("the target has no masks")
    expect((await run(estimateClassRatio, { source, target: bare }, { tags: "none" }))["prior"].length).toBe(1)
  })
  it("is joined by id", async () => {
    const join = (ids: ReadonlyArray<number>, id: ReadonlyArray<number>, prior: ReadonlyArray<number>, classes = 2) =>
      Effect.runPromise(
        Effect.match(
          priorsOf(Int32Array.from(ids), { id: Int32Array.from(id), prior: Float64Array.from(prior) }, classes),
          { onSuccess: (found) => [...found].join(" "), onFailure: (error) => error.message },
        ),
      )
    expect(await join([2, 1], [1, 2], [0.5, 0.5, 0.25, 0.75])).toBe("0.25 0.75 0.5 0.5")
    expect(await join([3], [1], [0.5, 0.5])).toBe("image 3 has no prior")
    expect(await join([1], [1, 1], [0.5, 0.5, 1, 0])).toBe("image 1 has two priors")
    expect(await join([1], [1], [0.5, 0.6])).toContain("the prior of image 1 is 0.5, 0.6")
    expect(await join([1], [1], [1.5, -0.5])).toContain("the prior of image 1 is 1.5, -0.5")
    expect(await join([1], [1], [Number.NaN, 1])).toContain("the prior of image 1 is NaN, 1")
    expect(await join([1], [1], [0.5, 0.3, 0.2])).toBe("priors are of 3 classes, the model of 2")
  })
})

it("counts the pixels of each class", async () => {
  expect([...(await Effect.runPromise(countsOf(source, 3)))]).toEqual([3, 1, 0, 1, 2, 1, 4, 0, 0])
})
