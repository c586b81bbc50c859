/** How well a network segments images with masks. */
import { Column, TableSchema } from "@relent/arrow"
import { orElse } from "@relent/named"
import { Model } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { dice } from "./dice.ts"
import { countsOf, imagesOf, masks, masksOf } from "./images.ts"
import { grey, overlay } from "./overlay.ts"
import { segmented, segmenterFor } from "./ratios.ts"
import { surfaceDistance } from "./surface-distance.ts"

const { int32, float64, bool, tensor } = Column

/** A row for each member and each class but the background. */
export const SegmentationMetrics = TableSchema.make("domain-adaptation/segmentation-metrics", 1, {
  member: int32,
  class: int32,
  /** How many images have the class: Dice and distance are means over them. */
  images: int32,
  dice: float64,
  /** Average symmetric surface distance, in pixels. */
  surfaceDistance: float64,
  /** The mean softmax of the class over all pixels of all images, its true share, and the first by the second. */
  predicted: float64,
  reference: float64,
  relative: float64,
})

/** A row for each member, class but the background, and image. */
export const SegmentedCases = TableSchema.make("domain-adaptation/segmented-cases", 1, {
  id: int32,
  member: int32,
  class: int32,
  /** Whether the image has the class. */
  present: bool,
  dice: float64,
  surfaceDistance: float64,
  predicted: float64,
  reference: float64,
})

/** Images of member 0 to look at: as they are, with the reference, with the prediction. */
export const Overlays = TableSchema.make("domain-adaptation/overlays", 1, {
  id: int32,
  image: tensor("uint8", ["height", "width"]),
  reference: tensor("uint8", ["height", "width", 3]),
  predicted: tensor("uint8", ["height", "width", 3]),
})

type Case = {
  readonly id: number
  readonly member: number
  readonly class: number
  readonly present: boolean
  readonly dice: number
  readonly surfaceDistance: number
  readonly predicted: number
  readonly reference: number
}

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, v) => sum + v, 0) / values.length

/** The row of a member and a class, of its images. */
const summary = (cases: ReadonlyArray<Case>) => {
  const present = cases.filter((c) => c.present)
  const [predicted, reference] = [mean(cases.map((c) => c.predicted)), mean(cases.map((c) => c.reference))]
  return {
    member: cases[0]!.member,
    class: cases[0]!.class,
    images: present.length,
    dice: mean(present.map((c) => c.dice)),
    surfaceDistance: mean(present.map((c) => c.surfaceDistance)),
    predicted,
    reference,
    relative: predicted / reference,
  }
}

/**
 * Dice and average symmetric surface distance over the images that have a class; a class that none has is left out, with a warning.
 *
 * @reference dice1945
 * @reference heimann2009comparison
 */
export const segmentationMetrics = Stage.make("domain-adaptation/segmentation-metrics", {
  module: import.meta.url,
  title: "Dice, surface distance and class ratios of a segmentation network, and overlays to look at",
  uses: ["backend"],
  parameters: {
    overlays: orElse(
      Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ description: "how many of the first images" }),
      12,
    ),
  },
  inputs: { model: Model, data: Port.any(masks) },
  outputs: { metrics: SegmentationMetrics, cases: SegmentedCases, overlays: Overlays },
  *run({ parameters, inputs: { model, data }, warn }) {
    const given = yield* imagesOf(data)
    const network = yield* segmenterFor(model, given)
    const mask = yield* masksOf(data, given.image)
    const { classes, members } = network
    const counts = yield* countsOf(data, classes)
    const found = yield* segmented(network, given)
    const [height, width, channels] = given.image
    const pixels = height * width
    const ones = new Uint8Array(pixels).fill(1)
    const of = (all: Uint8Array, row: number) => all.subarray(row * pixels, (row + 1) * pixels)
    const caseOf = (member: number, k: number, row: number): Case => {
      const is = (v: number) => (v === k ? 1 : 0)
      const at = member * data.length + row
      const [predicted, reference] = [of(found.mask, at).map(is), of(mask, row).map(is)]
      return {
        id: data.columns.id[row]!,
        member,
        class: k,
        present: counts[row * classes + k]! > 0,
        dice: dice(predicted, reference, ones),
        surfaceDistance: surfaceDistance(predicted, reference, [height, width]),
        predicted: found.ratios[at * classes + k]!,
        reference: counts[row * classes + k]! / pixels,
      }
    }
    const classesButOne = Array.from({ length: classes - 1 }, (_, i) => i + 1)
    const groups = classesButOne.flatMap((k) =>
      Array.from({ length: members }, (_, member) =>
        Array.from({ length: data.length }, (_, row) => caseOf(member, k, row)),
      ),
    )
    const rows = groups.filter((own) => own.some((c) => c.present)).map(summary)
    if (rows.length === 0)
      return yield* new StageError({
        message: "no image has any class but the background",
        hint: "give images with some",
      })
    for (const k of classesButOne)
      if (!rows.some((row) => row.class === k)) yield* warn(`no image has class ${k}: it is left out of the metrics`)
    const shown = Math.min(parameters.overlays, data.length)
    const join = (parts: (row: number) => Uint8Array, size: number) => {
      const out = new Uint8Array(shown * size)
      for (let row = 0; row < shown; row++) out.set(parts(row), row * size)
      return out
    }
    const { values, width: elements } = given.features
    const image = (row: number) => grey(values.subarray(row * elements, (row + 1) * elements), channels)
    return {
      metrics: SegmentationMetrics.fromRows(rows),
      cases: SegmentedCases.fromRows(groups.flat()),
      overlays: Overlays.make(
        {
          id: data.columns.id.slice(0, shown),
          image: join(image, pixels),
          reference: join((row) => overlay(image(row), of(mask, row)), 3 * pixels),
          predicted: join((row) => overlay(image(row), of(found.mask, row)), 3 * pixels),
        },
        { sizes: { height, width } },
      ),
    }
  },
})
