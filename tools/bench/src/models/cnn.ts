/** A convolutional network on small images. */
import { oneHot, softmaxCrossEntropy } from "@relent/nn"
import { type Tensor, tf } from "@relent/tensor"
import { integers, spread } from "./draws.ts"
import { trained } from "./model.ts"

const [batch, side, classes] = [64, 28, 10]

/** 3x3 convolution, ReLU, and the largest of each 2x2. */
const block = (x: Tensor, kernel: Tensor): Tensor =>
  tf.maxPool(tf.relu(tf.conv2d(x as never, kernel as never, 1, "same")), 2, 2, "valid")

export const cnn = trained({
  title: `CNN ${side}x${side}, convolutions 32 and 64, batch ${batch}`,
  weights: () => ({
    first: spread(0, Math.sqrt(2 / 9), [3, 3, 1, 32]),
    second: spread(1, Math.sqrt(2 / 288), [3, 3, 32, 64]),
    dense: spread(2, Math.sqrt(1 / 3136), [7 * 7 * 64, classes]),
  }),
  batch: (index) => ({
    x: spread(100 + index, 1, [batch, side, side, 1]),
    label: integers(200 + index, classes, [batch]),
  }),
  loss: ({ first, second, dense }, { x, label }) => {
    const h = tf.reshape(block(block(x!, first!), second!), [batch, -1])
    return tf.mean(softmaxCrossEntropy(oneHot(label!, classes), tf.matMul(h, dense!)))
  },
})
