/** Examples of a regression in deviations of the training data. */
import { Port, Stage } from "@relent/stage"
import { type Examples, examplesOf, momentsOf } from "./bottleneck/examples.ts"
import { Regression, regression, TargetScale } from "./bottleneck/tables.ts"
import { Column } from "@relent/arrow"

/** Inputs or targets as `(v - mean) / deviation`; what doesn't vary is only shifted. */
const scaled = (values: Float32Array, moments: ReturnType<typeof momentsOf>) =>
  values.map((v, i) => {
    const { mean, deviation } = moments[i % moments.length]!
    return (v - mean) / (deviation || 1)
  })

/**
 * Inputs and targets with mean 0 and deviation 1 over the training examples; nothing of the test set is measured. `scale` takes
 * predictions back to the units of the targets.
 *
 * @reference none: data handling
 */
export const standardiseRegression = Stage.make("koopman-ib/standardise-regression", {
  module: import.meta.url,
  title: "Examples of a regression in deviations of the training data",
  inputs: {
    train: Port.any({ id: Column.int32, ...regression }),
    test: Port.any({ id: Column.int32, ...regression }),
  },
  outputs: { train: Regression, test: Regression, scale: TargetScale },
  *run({ inputs: { train, test } }) {
    const [own, other] = [yield* examplesOf(train), yield* examplesOf(test)]
    const [ofX, ofY] = [momentsOf(own.x, own.features), momentsOf(own.y, own.targets)]
    const table = (id: Int32Array, { x, y, features, targets }: Examples) =>
      Regression.make({ id, x: scaled(x, ofX), y: scaled(y, ofY) }, { sizes: { features, targets } })
    return {
      train: table(train.columns.id, own),
      test: table(test.columns.id, other),
      scale: TargetScale.fromRows(
        ofY.map(({ mean, deviation }, target) => ({ target, mean, deviation: deviation || 1 })),
      ),
    }
  },
})
