/** Bugs in f-DPG. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/rlhf"

export const fDpg: Flagship = {
  paper: "f-DPG",
  tests: [`${plugin}/test/f-dpg.test.ts`, `${plugin}/test/text.test.ts`],
  suites: [`${plugin}/suites/f-dpg-letter.yaml`],
  bugs: [
    {
      name: "dpg-no-constant",
      file: `${plugin}/src/target/rollout.ts`,
      kind: "missing term",
      what: "the ratio is policy / P, without the target's constant",
      find: "l - (logW[i]! - logZ)",
      put: "l - logW[i]!",
    },
    {
      name: "dpg-count-of-support",
      file: `${plugin}/src/target/partition.ts`,
      kind: "wrong normalisation",
      what: "the constant is the mean over samples in the support, not over all",
      find: "numbers[context]! += logWeights.length",
      put: "numbers[context]! += logWeights.filter((l) => l > -Infinity).length",
    },
    {
      name: "dpg-importance",
      file: `${plugin}/src/target/rollout.ts`,
      kind: "swapped arguments",
      what: "samples of another proposal weigh q / pi, not pi / q",
      find: "Math.exp(logPi[at + i]! - logQ[at + i]!)",
      put: "Math.exp(logQ[at + i]! - logPi[at + i]!)",
      escaped: "what samples of another proposal are paid, by hand",
      tests: [`${plugin}/test/f-dpg.test.ts`],
    },
    {
      name: "dpg-own-baseline",
      file: `${plugin}/src/target/rollout.ts`,
      kind: "order of steps",
      what: "the baseline is the mean with these samples in it, which biases the gradient",
      find: "useBaseline && window.length > 0 ? mean(window) : null",
      put: "useBaseline ? mean(lastOf(size, window, part)) : null",
      escaped: "the same test, whose baselines are by hand too",
      tests: [`${plugin}/test/f-dpg.test.ts`],
    },
  ],
}
