/** Networks on small images: they learn, adapt, resume, are measured, and refuse what doesn't fit. */
import { Column, type Table, TableSchema, tensorValue } from "@relent/arrow"
import { initMlp, type Segmenter } from "@relent/nn"
import { source as draws } from "@relent/random"
import { describe, expect, it } from "vitest"
import { estimateClassRatio } from "../src/estimate-class-ratio.ts"
import { SegmentedImages } from "../src/images.ts"
import { segmentationMetrics } from "../src/segmentation-metrics.ts"
import { sourceFreeSegment } from "../src/source-free-segment.ts"
import { syntheticOrgans } from "../src/synthetic-organs.ts"
import { ImagePriors } from "../src/tables.ts"
import { trainSegmenter } from "../src/train-segmenter.ts"
import { failure, ran, run } from "./on-device.ts"
import { run as runOffDevice } from "./run.ts"

const organs = async (parameters: object, seed = 101): Promise<Table<any>> => {
  const random = draws({ seed, stream: "organs" })
  return (await ran(syntheticOrgans, {}, parameters, { random })).outputs["images"]
}
const source = await organs({ rows: 24 })
const data = await organs({ rows: 24, domain: "target" }, 102)

/** The foreground is where a pixel and its neighbours are brighter than 0.5 on average: right for the source. */
const slope = 20
const start: Segmenter = {
  kind: "segmenter",
  image: [20, 20, 1],
  channels: [1],
  classes: 2,
  norm: "none",
  members: 1,
  activation: "relu",
  input: { dtype: "float32", scale: 1 },
  parameters: {
    "down/0/0/weight": tensorValue("float32", new Float32Array(9).fill(1 / 9), [1, 3, 3, 1, 1]),
    "down/0/0/bias": tensorValue("float32", Float32Array.of(0), [1, 1]),
    "out/weight": tensorValue("float32", Float32Array.of(0, slope), [1, 1, 1, 1, 2]),
    "out/bias": tensorValue("float32", Float32Array.of(0, -0.5 * slope), [1, 2]),
  },
}
const { prior } = await runOffDevice(estimateClassRatio, { source, target: data })
const inputs = { data, start, prior }
const classWeights = [0.1, 0.9]
const short = { classWeights, epochs: 2, batch: 12, every: 1 }
const long = { classWeights, epochs: 30, batch: 12, learningRate: 0.005, every: 30 }
const few = { channels: [2, 3], epochs: 2, batch: 12, every: 1 }
const measured = async (model: unknown, images: unknown = data) => {
  const { metrics } = await run(segmentationMetrics, { model, data: images })
  return [...metrics.rows][0]
}

describe("a segmentation network", () => {
  it("is good on its own scanner, and bad on another", async () => {
    const [own, other] = [await measured(start, source), await measured(start)]
    expect(own.dice).toBeGreaterThan(0.8)
    expect(own.surfaceDistance).toBeLessThan(1)
    expect(other.dice).toBeLessThan(0.4)
  })
  it("learns from masks more than how many pixels are the organ's", async () => {
    const given = { ...few, channels: [4], epochs: 25, learningRate: 0.1, every: 25 }
    const { metrics } = await ran(trainSegmenter, { data: source }, given)
    const share = [...source.columns.mask].reduce((sum, v) => sum + v, 0) / source.columns.mask.length
    expect(metrics.at(-1)!["loss"]).toBeLessThan(-share * Math.log(share) - (1 - share) * Math.log(1 - share))
  })
  it("learns on from a start, whose shape and members it keeps", async () => {
    const { model } = await run(trainSegmenter, { data, start }, { ...few, epochs: 10, learningRate: 0.05, members: 3 })
    expect([model.channels, model.members]).toEqual([[1], 1])
    expect((await measured(model)).dice).toBeGreaterThan((await measured(start)).dice + 0.2)
  })
  it("goes on from a checkpoint to the same model, members as they are alone", async () => {
    const given = { ...few, epochs: 3, members: 2, norm: "instance", weightDecay: 0.01 }
    const whole = await ran(trainSegmenter, { data: source }, given)
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([2, 4])
    const resumed = await ran(trainSegmenter, { data: source }, given, { saved: whole.checkpoints[1]! })
    expect(resumed.outputs).toEqual(whole.outputs)
    const alone = await run(trainSegmenter, { data: source }, { ...given, members: 1 })
    for (const [path, { values }] of Object.entries((alone["model"] as Segmenter).parameters)) {
      const together = (whole.outputs["model"] as Segmenter).parameters[path]!.values as Float32Array
      // TensorFlow adds in another order where there are more members.
      ;(values as Float32Array).forEach((v, i) => expect(Math.abs(together[i]! - v)).toBeLessThan(1e-5))
    }
  })
})

describe("adaptation", () => {
  it("by entropy alone gives the organ up, and says so; by the class ratio finds more of it", async () => {
    const alone = await ran(sourceFreeSegment, inputs, { ...long, lambda: { entropy: 1, prior: 0 } })
    // Without tags: that one image in four has no organ would outweigh the others, for a network of one channel.
    const { prior } = await runOffDevice(estimateClassRatio, { source, target: data }, { tags: "none" })
    const both = await ran(sourceFreeSegment, { ...inputs, prior }, { ...long, lambda: { entropy: 0, prior: 1 } })
    const before = await measured(start)
    const [collapsed, kept] = [await measured(alone.outputs["model"]), await measured(both.outputs["model"])]
    expect(collapsed.relative).toBeLessThan(0.25)
    expect(kept.dice).toBeGreaterThan(before.dice + 0.3)
    expect(Math.abs(kept.relative - 1)).toBeLessThan(0.1)
    expect(alone.warnings.at(-1)).toMatch(/member 0 has collapsed: of class 1 it sees [\d.]+ %/)
    expect(both.warnings.some((w) => w.includes("collapsed"))).toBe(false)
  })
  it("goes on from a checkpoint to the same model", async () => {
    const whole = await ran(sourceFreeSegment, inputs, short)
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([2])
    const resumed = await ran(sourceFreeSegment, inputs, short, { saved: whole.checkpoints[0]! })
    expect(resumed.outputs).toEqual(whole.outputs)
  })
  it("never sees a mask or a tag", async () => {
    const Bare = TableSchema.make("test/bare", 1, {
      id: Column.int32,
      image: Column.tensor("float32", ["height", "width"]),
    })
    const { id, image } = data.columns
    const bare = Bare.make({ id, image }, { sizes: { height: 20, width: 20 } })
    expect(await run(sourceFreeSegment, { ...inputs, data: bare }, short)).toEqual(
      await run(sourceFreeSegment, inputs, short),
    )
  })
  it("joins priors by id", async () => {
    const reversed = ImagePriors.fromRows([...prior.rows].toReversed() as never)
    expect(await run(sourceFreeSegment, { ...inputs, prior: reversed }, short)).toEqual(
      await run(sourceFreeSegment, inputs, short),
    )
  })
  it("differs by each of its parameters", async () => {
    const all = [
      {},
      { lambda: { entropy: 2, prior: 1 } },
      { classWeights: [0.5, 0.5] },
      { divergence: "kl" },
      { ratio: "max-normalised" },
      { ratio: "max-normalised", power: 2 },
      { size: { lower: 0.9, upper: 1.1 } },
      { epsilon: 1e-4 },
      { weightDecay: 1 },
      { decay: { factor: 0.5, epochs: 1 } },
    ]
    const found = []
    for (const one of all)
      found.push(JSON.stringify((await run(sourceFreeSegment, inputs, { ...short, ...one }))["model"].parameters))
    expect(new Set(found).size).toBe(all.length)
  })
  it("of the norms alone leaves all else as it was, for each member", async () => {
    const { model } = await run(trainSegmenter, { data: source }, { ...few, epochs: 1, members: 2, norm: "instance" })
    const tent = { ...short, lambda: { entropy: 1, prior: 0 }, trains: "norms" }
    const adapted: Segmenter = (await run(sourceFreeSegment, { ...inputs, start: model }, tent))["model"]
    for (const [path, { values }] of Object.entries(adapted.parameters)) {
      const same = values.every((v, i) => v === model.parameters[path].values[i])
      expect([path, same]).toEqual([path, !path.includes("norm")])
    }
    expect(await failure(sourceFreeSegment, inputs, tent)).toContain("the model has no norms")
  })
  it("warns of tags that deny what the start sees", async () => {
    const denied = ImagePriors.make(
      { id: source.columns.id, prior: Float64Array.from({ length: 48 }, (_, i) => 1 - (i % 2)) },
      { sizes: { classes: 2 } },
    )
    const { warnings } = await ran(sourceFreeSegment, { data: source, start, prior: denied }, short)
    expect(warnings[0]).toMatch(/the start sees class 1 in \d+ images that are said not to have it/)
  })
  it.each([
    [{ classWeights: [1] }, "1 class weights for 2 classes"],
    [{ classWeights: [1, -1] }, "greater than or equal to 0"],
    [{ lambda: { entropy: 0, prior: 0 } }, "wants one of the two above 0"],
    [{ lambda: { entropy: -1, prior: 1 } }, "greater than or equal to 0"],
    [{ power: 0 }, "greater than 0"],
    [{ epsilon: 0.01 }, "less than or equal to 0.001"],
    [{ divergence: "cauchy-schwarz" }, "needs a generator f"],
    [{ size: { lower: 0.9, upper: 0.5 } }, "greater than or equal to 1"],
    [{ decay: { factor: 0, epochs: 1 } }, "greater than 0"],
    [{ decay: { factor: 1.5, epochs: 1 } }, "between 0 and 1"],
    [{ epochs: 0 }, "greater than 0"],
    [{ weightDecay: -1 }, "greater than or equal to 0"],
    [{ learningRate: 0 }, "greater than 0"],
    [{ batch: 25 }, "a batch of 25 can't be drawn from 24 examples"],
  ])("refuses %j", async (parameters, reason) => {
    expect(await failure(sourceFreeSegment, inputs, { ...short, ...parameters })).toContain(reason)
  })
})

describe("what doesn't fit is refused", () => {
  const sized = (rows: number, side: number, more: object = {}) =>
    SegmentedImages.make(
      {
        id: Int32Array.from({ length: rows }, (_, i) => i),
        image: new Float32Array(rows * side * side),
        mask: new Uint8Array(rows * side * side),
        tags: new Uint8Array(rows * 2).fill(1),
        ...more,
      },
      { sizes: { height: side, width: side, classes: 2 } },
    )
  const adapt = (more: object) => failure(sourceFreeSegment, { ...inputs, ...more }, short)
  it("by adaptation", async () => {
    expect(await adapt({ data: sized(0, 20) })).toContain("the table has no images")
    const broken = new Float32Array(400).fill(Number.NaN, 3, 4)
    expect(await adapt({ data: sized(1, 20, { image: broken }) })).toContain("image 0 has a pixel that isn't finite")
    expect(await adapt({ data: sized(2, 8) })).toContain("the images are 8 x 8 x 1, the model wants 20 x 20 x 1")
    expect(await adapt({ prior: ImagePriors.make({ id: [], prior: [] }, { sizes: { classes: 2 } }) })).toContain(
      "image 0 has no prior",
    )
    const Bytes = TableSchema.make("test/bytes", 1, {
      id: Column.int32,
      image: Column.tensor("uint8", ["height", "width"]),
    })
    const bytes = Bytes.make({ id: [0], image: new Uint8Array(400) }, { sizes: { height: 20, width: 20 } })
    expect(await adapt({ data: bytes })).toContain("the inputs are uint8, the model was trained on float32")
    const Flat = TableSchema.make("test/flat", 1, { id: Column.int32, image: Column.tensor("float32", [3]) })
    expect(await adapt({ data: Flat.make({ id: [0], image: [1, 2, 3] }) })).toContain(
      "there are no images in the table",
    )
    const shape = { widths: [400, 2], members: 1, activation: "relu" } as const
    const parameters = initMlp(shape, draws({ seed: 1, stream: "mlp" }))
    const mlp = { kind: "mlp", ...shape, input: { dtype: "float32", scale: 1 }, parameters }
    expect(await adapt({ start: mlp })).toContain("the model is a mlp, not a segmenter")
  })
  it("by training and measuring", async () => {
    const Odd = TableSchema.make("test/odd", 1, {
      id: Column.int32,
      image: Column.tensor("float32", ["height", "width"]),
      mask: Column.tensor("uint8", [2, 2]),
    })
    const odd = Odd.make({ id: [0], image: [1, 2, 3], mask: [0, 0, 0, 1] }, { sizes: { height: 1, width: 3 } })
    expect(await failure(trainSegmenter, { data: odd }, {})).toContain("masks are 2 x 2, images 1 x 3")
    expect(await failure(trainSegmenter, { data: source }, { channels: [] })).toContain("length")
    expect(await failure(trainSegmenter, { data: source }, { norm: "batch" })).toContain('"none"')
    const measure = (given: unknown) => failure(segmentationMetrics, { model: start, data: given })
    expect(await measure(sized(2, 20))).toContain("no image has any class but the background")
    const third = new Uint8Array(400).fill(2, 0, 1)
    expect(await measure(sized(1, 20, { mask: third }))).toContain("image 0 has class 2, but there are 2 classes")
    const [w, bias] = ["out/weight", "out/bias"].map((path) => start.parameters[path]!)
    const values = (bias!.values as Float32Array).map(() => Number.NaN)
    const lost = { ...start, parameters: { ...start.parameters, "out/weight": w!, "out/bias": { ...bias!, values } } }
    expect(await failure(segmentationMetrics, { model: lost, data })).toContain("a logit of pixel 0 isn't finite")
  })
})

describe("the report", () => {
  it("has a row for each member and case, and pictures", async () => {
    const { metrics, cases, overlays } = await run(segmentationMetrics, { model: start, data }, { overlays: 3 })
    const [row] = [...metrics.rows]
    const own = [...cases.rows]
    expect([metrics.length, own.length, overlays.length]).toEqual([1, 24, 3])
    const present = own.filter((c) => c.present)
    expect(row.images).toBe(present.length)
    const mean = (values: ReadonlyArray<number>) => values.reduce((sum, v) => sum + v, 0) / values.length
    expect(row.dice).toBeCloseTo(mean(present.map((c) => c.dice)), 12)
    expect(row.relative).toBeCloseTo(row.predicted / row.reference, 12)
    expect(row.reference).toBeCloseTo(mean([...data.columns.mask]), 12)
    // What is tinted in the reference is the mask.
    const tinted = Array.from({ length: 1200 }, (_, i) => {
      const [r, g] = overlays.columns.reference.subarray(3 * i, 3 * i + 2)
      return r === overlays.columns.image[i] && g === r ? 0 : 1
    })
    expect(tinted).toEqual([...data.columns.mask.subarray(0, 1200)])
  })
})
