/** Soft labels that a student makes for itself, as constants: P for its targets, N for the other classes. */
import { logSoftmax } from "@relent/nn"
import { detached, type Tensor, tf } from "@relent/tensor"
import type { SelfLossInput } from "./self-loss.ts"

/** What is added to the score of the other classes: the student's log-probabilities, as the official code has it, or its probabilities. */
export type RankScore = "log" | "prob"

/** All targets of a row in one. */
export const union = ([first, second]: ReadonlyArray<Tensor>): Tensor =>
  second === undefined ? first! : tf.add(first!, second)

/**
 * P at the targets, `[..., batch, classes]`: S_y^2 + value - mean of S_y^2 over the rows of the batch that have such a target,
 * first and second apart. Its mean over them is the mean value: 1 where labels are one-hot.
 */
export const targetLabels = ({ student, labels, targets }: SelfLossInput): Tensor =>
  detached(() => {
    const s = tf.softmax(student)
    const [first, second] = targets.map((target, column) => {
      const squares = tf.square(tf.sum(tf.mul(s, target), -1, true))
      if (column === 0) return tf.mul(target, tf.sub(squares, tf.mean(squares, -2, true)))
      const rows = tf.maximum(tf.sum(target, [-2, -1], true), 1)
      return tf.mul(target, tf.sub(squares, tf.div(tf.sum(squares, -2, true), rows)))
    })
    return tf.add(labels, second === undefined ? first! : tf.add(first!, second))
  })

/** The place of every class in the order of scores, the largest at 0; of equals the first is before the other. */
export const positions = (scores: Tensor): Tensor => {
  const classes = scores.shape.at(-1)!
  const order = (x: Tensor) => tf.cast(tf.topk(x, classes).indices, "float32")
  return order(tf.neg(order(scores))) // sorting an order gives its inverse
}

/**
 * N over the other classes, `[..., batch, classes]`, 0 at the targets: Zipf's 1/k at place k of all classes, ranked by
 * W_c / (1 - W_y + e) + U_c / (1 - U_y + e), divided by what the targets leave. W is the weak head's softmax, U the student's, or its
 * logarithm. Where every class is a target, it is 0.
 */
export const otherLabels = ({ student, weak, targets }: Required<SelfLossInput>, rankScore: RankScore): Tensor =>
  detached(() => {
    const named = union(targets)
    const amongOthers = (p: Tensor) => tf.div(p, tf.sub(1 + 1e-6, tf.sum(tf.mul(p, named), -1, true)))
    const u = rankScore === "log" ? logSoftmax(student) : tf.softmax(student)
    const scores = tf.add(amongOthers(tf.softmax(weak)), amongOthers(u))
    const zipf = tf.div(tf.sub(1, named), tf.add(positions(scores), 1))
    return tf.div(zipf, tf.maximum(tf.sum(zipf, -1, true), 1e-30))
  })
