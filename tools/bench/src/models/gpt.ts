/** A small causal transformer. */
import { oneHot, softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { integers, spread } from "./draws.ts"
import { trained } from "./model.ts"

const [batch, time, width, heads, layers, vocabulary] = [16, 64, 128, 4, 2, 96]
const perHead = width / heads

const normalised = (x: Tensor): Tensor => {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)))
}

/** `[batch, heads, time, perHead]` */
const split = (x: Tensor): Tensor => tf.transpose(tf.reshape(x, [batch, time, heads, perHead]), [0, 2, 1, 3])

/** -1e9 where a later token would be seen. */
const mask = (): Tensor =>
  tf.tensor2d(
    Float32Array.from({ length: time * time }, (_, i) => (i % time <= Math.floor(i / time) ? 0 : -1e9)),
    [time, time],
  )

const attention = (x: Tensor, { query, key, value, out }: Tree, later: Tensor): Tensor => {
  const [q, k, v] = [query!, key!, value!].map((weight) => split(tf.matMul(x, weight)))
  const scores = tf.softmax(tf.add(tf.mul(tf.matMul(q!, k!, false, true), 1 / Math.sqrt(perHead)), later))
  return tf.matMul(tf.reshape(tf.transpose(tf.matMul(scores, v!), [0, 2, 1, 3]), [batch * time, width]), out!)
}

export const gpt = trained({
  title: `transformer, ${layers} layers of ${width}, ${heads} heads, ${time} tokens, batch ${batch}`,
  weights: () => {
    const deviation = Math.sqrt(1 / width)
    const square = (seed: number) => spread(seed, deviation, [width, width])
    const blocks = Array.from({ length: layers }, (_, l) => [
      ...["query", "key", "value", "out"].map((name, i) => [`${l}/${name}`, square(10 * l + 10 + i)]),
      [`${l}/up`, spread(10 * l + 14, deviation, [width, 4 * width])],
      [`${l}/down`, spread(10 * l + 15, deviation / 2, [4 * width, width])],
    ])
    return {
      token: spread(0, 0.5, [vocabulary, width]),
      position: spread(1, 0.5, [time, width]),
      ...Object.fromEntries(blocks.flat()),
      head: spread(2, deviation, [width, vocabulary]),
    }
  },
  batch: (index) => ({
    token: integers(100 + index, vocabulary, [batch * time]),
    next: integers(200 + index, vocabulary, [batch * time]),
  }),
  loss: (weights, { token, next }) => {
    const later = mask()
    const embedded = tf.reshape(tf.matMul(oneHot(token!, vocabulary), weights["token"]!), [batch, time, width])
    let h = tf.reshape(tf.add(embedded, weights["position"]!), [batch * time, width])
    for (let l = 0; l < layers; l++) {
      const block = within(String(l), weights)
      h = tf.add(h, attention(normalised(h), block, later))
      h = tf.add(h, tf.matMul(tf.relu(tf.matMul(normalised(h), block["up"]!)), block["down"]!))
    }
    const logits = tf.matMul(normalised(h), weights["head"]!)
    return tf.mean(softmaxCrossEntropy(oneHot(next!, vocabulary), logits))
  },
})
