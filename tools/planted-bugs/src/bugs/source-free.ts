/** Bugs in source-free segmentation. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/domain-adaptation"

export const sourceFree: Flagship = {
  paper: "source-free segmentation",
  tests: ["loss", "on-logits", "organs", "segmentation", "stages"].map((name) => `${plugin}/test/${name}.test.ts`),
  suites: [`${plugin}/suites/source-free.yaml`],
  bugs: [
    {
      name: "class-ratio-direction",
      file: `${plugin}/src/loss/on-logits.ts`,
      kind: "swapped arguments",
      what: "KL(tau || q) is descended instead of KL(q || tau), and the prior is what has a gradient",
      find: "onLogits(divergence, prior, ratio)",
      put: "onLogits(divergence, ratio, prior)",
    },
    {
      name: "entropy-weight",
      file: `${plugin}/src/loss/weighted-entropy.ts`,
      kind: "missing term",
      what: "half of the gradient of w s log s lacks the weight of the class",
      find: "gradient[at] = term - weights[k]! * s",
      put: "gradient[at] = term - s",
    },
    {
      name: "prior-of-all-images",
      file: `${plugin}/src/estimate-class-ratio.ts`,
      kind: "wrong mask",
      what: "a class's share is a mean over all source images, also those without it",
      find: "images[k]! += all || n > 0 ? 1 : 0",
      put: "images[k]! += 1",
    },
    {
      name: "largest-detached",
      file: `${plugin}/src/loss/on-logits.ts`,
      kind: "detach too many",
      what: "no gradient flows through the largest probability that others are divided by",
      find: "const largest = tf.sum(tf.mul(first, logS), -1, true)",
      put: "const largest = detached(() => tf.sum(tf.mul(first, logS), -1, true))",
    },
  ],
}
