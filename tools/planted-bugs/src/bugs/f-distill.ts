/** Bugs in f-distill. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/one-step-diffusion"

export const fDistill: Flagship = {
  paper: "f-distill",
  tests: [
    "packages/divergence/test/score-weight.test.ts",
    ...["method", "pull", "exact", "edm", "discriminator", "distil", "pipeline", "stages"].map(
      (name) => `${plugin}/test/${name}.test.ts`,
    ),
  ],
  suites: ["mode-seeking", "weight-variance", "ring"].map((name) => `${plugin}/suites/${name}.yaml`),
  bugs: [
    {
      name: "f-distill-noisy-scale",
      file: `${plugin}/src/f-distill/method.ts`,
      kind: "wrong point",
      what: "a pull is divided by the distance of the noisy point to the teacher's guess, not of the clean one",
      find: "const given = { x, teacher: byTeacher,",
      put: "const given = { x: noisy, teacher: byTeacher,",
    },
    {
      name: "f-distill-gan-sign",
      file: `${plugin}/src/f-distill/method.ts`,
      kind: "sign",
      what: "the generator makes softplus(C) small, not softplus(-C): it flees from what looks real",
      find: "meanSoftplus(tf.neg(discriminate(discriminator, judge, noisyOf(x), level)))",
      put: "meanSoftplus(discriminate(discriminator, judge, noisyOf(x), level))",
      escaped: "a generator's loss and gradient in float64, by the card",
      tests: [`${plugin}/test/method.test.ts`],
    },
    {
      name: "f-distill-mean-rate",
      file: "packages/divergence/src/tensor/score-weight.ts",
      kind: "swapped arguments",
      what: "b_k keeps 1 - rate and takes rate of the new mean",
      find: "tf.mul(1 - rate, tf.sub(mean, means))",
      put: "tf.mul(rate, tf.sub(mean, means))",
    },
    {
      name: "f-distill-real-level",
      file: `${plugin}/src/f-distill/method.ts`,
      kind: "wrong point",
      what: "the discriminator sees real points with the levels of noise of the student's",
      find: "level: preconditioning(realSigma!, fake.dataDeviation)",
      put: "level: preconditioning(sigma!, fake.dataDeviation)",
      escaped: "the critics' losses in float64, by the card",
      tests: [`${plugin}/test/method.test.ts`],
    },
  ],
}
