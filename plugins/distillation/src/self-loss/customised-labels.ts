/** Soft labels that a student makes for itself, as constants: P for its targets, N for the other classes. */
import { logSoftmax, oneHot } from "@relent/nn"
import { detached, type Tensor, tf } from "@relent/tensor"

/** What is added to the score of the other classes: the student's log-probabilities, as the official code has it, or its probabilities. */
export type RankScore = "log" | "prob"

/**
 * The classes that labels `[..., batch, classes]` name: 1 at the largest, and 1 at the other where a row mixes two. A class of
 * value 0 is no target.
 */
const targetsOf = (labels: Tensor): ReadonlyArray<Tensor> => {
  const first = oneHot(tf.argMax(labels, -1), labels.shape.at(-1)!)
  return [first, tf.sub(tf.step(labels), first)]
}

/**
 * P at the targets, `[..., batch, classes]`: S_y^2 + value - mean of S_y^2 over the rows of the batch that have such a target,
 * first and second apart. Its mean over them is the mean value: 1 where labels are one-hot.
 */
export const targetLabels = (student: Tensor, labels: Tensor): Tensor =>
  detached(() => {
    const s = tf.softmax(student)
    const columns = targetsOf(labels).map((target) => {
      const has = tf.sum(target, -1)
      const squares = tf.square(tf.sum(tf.mul(s, target), -1))
      const mean = tf.div(tf.sum(squares, -1, true), tf.maximum(tf.sum(has, -1, true), 1))
      const above = tf.mul(has, tf.sub(squares, mean))
      return tf.mul(target, tf.add(labels, tf.expandDims(above, -1)))
    })
    return tf.addN(columns)
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
export const otherLabels = (student: Tensor, weak: Tensor, labels: Tensor, rankScore: RankScore): Tensor =>
  detached(() => {
    const targets = tf.step(labels)
    const amongOthers = (p: Tensor) => tf.div(p, tf.add(tf.sub(1, tf.sum(tf.mul(p, targets), -1, true)), 1e-6))
    const u = rankScore === "log" ? logSoftmax(student) : tf.softmax(student)
    const scores = tf.add(amongOthers(tf.softmax(weak)), amongOthers(u))
    const zipf = tf.div(tf.sub(1, targets), tf.add(positions(scores), 1))
    return tf.div(zipf, tf.maximum(tf.sum(zipf, -1, true), 1e-30))
  })
