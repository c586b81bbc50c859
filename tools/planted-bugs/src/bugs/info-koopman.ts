/** Bugs in InfoKoopman. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/koopman-ib"

export const infoKoopman: Flagship = {
  paper: "InfoKoopman",
  tests: [
    "packages/divergence/test/von-neumann.test.ts",
    ...["koopman", "parity", "water-filling"].map((name) => `${plugin}/test/${name}.test.ts`),
  ],
  suites: [`${plugin}/suites/water-filling.yaml`, `${plugin}/suites/info-koopman.yaml`],
  bugs: [
    {
      name: "koopman-entropy-sign",
      file: `${plugin}/src/info-koopman.ts`,
      kind: "sign",
      what: "the entropy of the latents is minimised, as in the published trainer",
      find: '"maximised" ? -gamma : gamma',
      put: '"maximised" ? gamma : -gamma',
    },
    {
      name: "koopman-operator-attached",
      file: `${plugin}/src/koopman/losses.ts`,
      kind: "missing detach",
      what: "the gradient flows through the least squares of the operator",
      find: "detached(() => {\n    const [members, windows, times, d] = before.shape",
      put: "((f: () => Tensor) => f())(() => {\n    const [members, windows, times, d] = before.shape",
    },
    {
      name: "koopman-nce-self",
      file: `${plugin}/src/koopman/losses.ts`,
      kind: "wrong mask",
      what: "a latent is among its own negatives",
      find: "(t === s ? out : 0)",
      put: "(t === s ? 0 : 0)",
    },
    {
      name: "von-neumann-trace",
      file: "packages/divergence/src/tensor/von-neumann.ts",
      kind: "missing term",
      what: "the gradient takes the trace that the covariance is divided by for a constant",
      find: "tf.div(tf.sub(g, tf.mul(along, unit)), trace)",
      put: "tf.div(g, trace)",
    },
  ],
}
