/** Bugs in f-DPO. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/rlhf"

export const fDpo: Flagship = {
  paper: "f-DPO",
  tests: ["packages/divergence/test/preference.test.ts", `${plugin}/test/f-dpo.test.ts`],
  suites: [`${plugin}/suites/f-dpo.yaml`],
  bugs: [
    {
      name: "dpo-mean-of-tokens",
      file: `${plugin}/src/preference/pair-loss.ts`,
      kind: "mean for sum",
      what: "a sequence's log-probability is the mean over its tokens, not their sum",
      find: "(logs) => rowSums(samples, logs))",
      put: "(logs) => rowSums(samples, logs).map((l, row) => l / samples.lengths[row]!))",
    },
    {
      name: "dpo-beta-slope",
      file: "packages/divergence/src/preference.ts",
      kind: "missing term",
      what: "the slope of the smoothed part lacks beta under the sigmoid",
      find: "smoothing * sigmoid(beta * margin) -",
      put: "smoothing * sigmoid(margin) -",
    },
    {
      name: "f-optimum-objective",
      file: `${plugin}/src/f-optimum.ts`,
      kind: "swapped arguments",
      what: "the objective that is reported pays D(policy || prior)",
      find: "Tabular.between(divergence, prior, policy)",
      put: "Tabular.between(divergence, policy, prior)",
      escaped: "the optima of the card with all that is reported of them, distances by hand",
      tests: [`${plugin}/test/f-dpo.test.ts`],
    },
    {
      name: "dpo-loser-slope",
      file: "packages/divergence/src/preference.ts",
      kind: "wrong point",
      what: "the loser's derivative has the link's slope at the winner: right for DPO, whose slope is 1",
      find: "byLoser: -byMargin * l.slopes[i]!",
      put: "byLoser: -byMargin * w.slopes[i]!",
    },
  ],
}
