/** Bugs in SinKD. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/distillation"

export const sinkd: Flagship = {
  paper: "SinKD",
  tests: ["packages/divergence/test/transport", `${plugin}/test/sinkd.test.ts`],
  suites: [`${plugin}/suites/sinkd.yaml`],
  bugs: [
    {
      name: "sinkhorn-iterations",
      file: "packages/divergence/src/tensor/sinkhorn.ts",
      kind: "off by one",
      what: "there is an iteration too many",
      find: "for (let i = 1; i < iterations; i++) {\n    f = rows(",
      put: "for (let i = 0; i < iterations; i++) {\n    f = rows(",
    },
    {
      name: "sinkd-reduction",
      file: `${plugin}/src/loss/sinkd.ts`,
      kind: "wrong normalisation",
      what: "a plan of mass 1 is taken for one of mass B: the loss is too small by the size of the batch",
      find: 'options.reduction === "mean" ? rows : rows ** 2',
      put: 'options.reduction === "mean" ? 1 : rows',
    },
    {
      name: "sinkd-base-square",
      file: `${plugin}/src/loss/base.ts`,
      kind: "square too many",
      what: "the teacher's term has the factor tau^2, as KD has elsewhere, but not here",
      find: "return crossEntropy(teacher, student, kdTemperature)",
      put: "return tf.mul(crossEntropy(teacher, student, kdTemperature), kdTemperature ** 2)",
    },
    {
      name: "sinkd-transport-teacher",
      file: `${plugin}/src/loss/output-cost.ts`,
      kind: "wrong temperature",
      what: "only the student's outputs are softened before they are moved",
      find: "detached(() => softened(teacher))",
      put: "detached(() => tf.softmax(teacher))",
    },
  ],
}
