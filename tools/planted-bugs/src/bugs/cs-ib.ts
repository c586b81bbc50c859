/** Bugs in CS-IB. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/koopman-ib"
const dependence = "packages/divergence/src/tensor/dependence.ts"

export const csIb: Flagship = {
  paper: "CS-IB",
  tests: [
    "packages/divergence/test/dependence.test.ts",
    `${plugin}/test/bottleneck.test.ts`,
    `${plugin}/test/points.test.ts`,
  ],
  suites: [`${plugin}/suites/cs-ib.yaml`],
  bugs: [
    {
      name: "cs-ib-denominator",
      file: dependence,
      kind: "wrong normalisation",
      what: "rows are divided by sum K^2, as in the published code, not by (sum K)^2",
      find: ": tf.mul(logSumExp(kx), 2)",
      put: ": logSumExp(tf.mul(kx, 2))",
    },
    {
      name: "cs-ib-rows",
      file: dependence,
      kind: "swapped arguments",
      what: "the rows of the mixed Gram matrix are the targets, not the predictions",
      find: "total(model, points)",
      put: "total(points, model)",
    },
    {
      name: "cs-ib-width",
      file: dependence,
      kind: "square missing",
      what: "a kernel is exp(-d^2 / (2 sigma)): right at width 1",
      find: "-2 * sigma * sigma",
      put: "-2 * sigma",
    },
    {
      name: "vib-mean",
      file: `${plugin}/src/bottleneck/compression.ts`,
      kind: "mean for sum",
      what: "VIB's KL is a mean over the coordinates of the bottleneck, not their sum",
      find: "tf.mean(klBetweenGaussians(encoded), -1)",
      put: "tf.div(tf.mean(klBetweenGaussians(encoded), -1), encoded.mean.shape.at(-1)!)",
    },
  ],
}
