/** Bugs in NKD and USKD. */
import type { Flagship } from "../bug.ts"

const plugin = "plugins/distillation"

export const nkdUskd: Flagship = {
  paper: "NKD, USKD",
  tests: ["nkd", "loss", "self-loss", "self-distil"].map((name) => `${plugin}/test/${name}.test.ts`),
  suites: [`${plugin}/suites/nkd.yaml`, `${plugin}/suites/uskd.yaml`],
  bugs: [
    {
      name: "nkd-not-normalised",
      file: `${plugin}/src/loss/nkd.ts`,
      kind: "wrong normalisation",
      what: "the teacher's other classes sum to 1 - T_y, not to 1",
      find: "softmaxCrossEntropy(tf.softmax(t), s)",
      put: "softmaxCrossEntropy(tf.mul(tf.softmax(tf.div(teacher, temperature)), tf.sub(1, oneHot)), s)",
    },
    {
      name: "nkd-target-softened",
      file: `${plugin}/src/loss/nkd.ts`,
      kind: "wrong temperature",
      what: "the target term takes T_y at temperature t, not at 1",
      find: "tf.mul(tf.softmax(teacher), oneHot)",
      put: "tf.mul(tf.softmax(tf.div(teacher, temperature)), oneHot)",
    },
    {
      name: "uskd-labels-attached",
      file: `${plugin}/src/self-loss/customised-labels.ts`,
      kind: "missing detach",
      what: "the gradient flows through the student's own labels P",
      find: "detached(() => {\n    const s = tf.softmax(student)",
      put: "((f: () => Tensor) => f())(() => {\n    const s = tf.softmax(student)",
      escaped: "the test looked at the sum of P, which is constant; cross-entropy holds its target, so no loss changes",
      tests: [`${plugin}/test/self-loss.test.ts`],
    },
    {
      name: "uskd-rank-without-label",
      file: `${plugin}/src/self-loss/customised-labels.ts`,
      kind: "wrong mask",
      what: "the label's class takes no place in the ranking: Zipf's law begins at 1 for the others",
      find: "tf.add(positions(scores), 1)",
      put: "tf.add(positions(tf.sub(scores, tf.mul(named, 1e4))), 1)",
    },
  ],
}
