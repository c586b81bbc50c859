/** Bugs in RL with a KL penalty. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/rlhf"

export const klRl: Flagship = {
  paper: "KL-RL",
  tests: ["policy-gradient", "ppo-updates", "sequence-rl", "evidence", "stages", "text"].map(
    (name) => `${plugin}/test/${name}.test.ts`,
  ),
  suites: [`${plugin}/suites/kl-rl.yaml`],
  bugs: [
    {
      name: "reinforce-baseline",
      file: `${plugin}/src/inference/policy-gradient.ts`,
      kind: "wrong normalisation",
      what: "the baseline is the mean of all samples, the own one with them: a gradient too small by (B - 1) / B",
      find: "((w[a]! - mean) * B) / (B - 1))",
      put: "w[a]! - mean)",
    },
    {
      name: "ppo-returns",
      file: `${plugin}/src/inference/ppo-updates.ts`,
      kind: "order of steps",
      what: "returns are made of advantages after whitening: the critic learns no rewards",
      find: "returns: raw.map((a, i) => a + values[i]!)",
      put: "returns: whitened(drawn, raw).map((a, i) => a + values[i]!)",
      escaped: "the critic's gradient of a first update, by the card",
      tests: [`${plugin}/test/ppo-updates.test.ts`],
    },
    {
      name: "ppo-clip-side",
      file: `${plugin}/src/inference/ppo.ts`,
      kind: "sign",
      what: "the gradient is kept where the ratio is cut, and lost where it isn't",
      find: "if (free >= bound)",
      put: "if (free <= bound)",
    },
    {
      name: "ppo-score-place",
      file: `${plugin}/src/inference/ppo-updates.ts`,
      kind: "wrong mask",
      what: "the sequence's score comes with the last place of a row, which lies behind an early end",
      find: "paid[first + n - 1]! += total\n        for (let t = n; t < drawn.length; t++) paid[first + t] = 0",
      put: "for (let t = n; t < drawn.length; t++) paid[first + t] = 0\n        paid[first + drawn.length - 1]! += total",
      escaped: "the same of sequences that end early",
      tests: [`${plugin}/test/ppo-updates.test.ts`],
    },
  ],
}
