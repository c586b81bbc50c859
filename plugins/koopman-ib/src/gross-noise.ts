/** Some targets spoilt. */
import { Column } from "@relent/arrow"
import { NonNegative, orElse, Share } from "@relent/named"
import { Port, Stage } from "@relent/stage"
import { examplesOf } from "./bottleneck/examples.ts"
import { Regression, regression } from "./bottleneck/tables.ts"

/**
 * Adds noise `N(0, size^2)` to the targets of a share of the examples (rounded), chosen at random; the others stay.
 *
 * @reference yu2024csib
 */
export const grossNoise = Stage.make("koopman-ib/gross-noise", {
  module: import.meta.url,
  title: "Noise on the targets of some examples",
  uses: ["random"],
  parameters: {
    share: orElse(Share.annotate({ description: "of the examples" }), 0.1),
    size: orElse(NonNegative.annotate({ description: "deviation of the noise, in units of the targets" }), 5),
  },
  inputs: { data: Port.any({ id: Column.int32, ...regression }) },
  outputs: { data: Regression },
  *run({ parameters: { share, size }, inputs: { data }, random }) {
    const { x, y, rows, features, targets } = yield* examplesOf(data)
    const noisy = y.slice()
    for (const row of random("rows")
      .permutation(rows)
      .subarray(0, Math.round(share * rows))) {
      const draws = random("noise", row)
      for (let k = 0; k < targets; k++) noisy[row * targets + k]! += size * draws.normal()
    }
    return { data: Regression.make({ id: data.columns.id, x, y: noisy }, { sizes: { features, targets } }) }
  },
})
