/** Values that gradients don't see. */
import { type Tensor, tf } from "./tf.ts"

/**
 * What `f` gives, as a constant: no gradient flows through it, and nothing in it is taped, so it may use operations that have no
 * gradient (comparisons, counting, sorting), which would break the tape even where it should be zero.
 */
export const detached = (f: () => Tensor): Tensor => tf.customGrad(() => ({ value: f(), gradFunc: () => [] }))()
