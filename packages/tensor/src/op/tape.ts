/** The library's tape, where it forgets what a gradient's own gradient needs. */
import { type Tensor, tf } from "../tf.ts"

interface Taping {
  addTapeNode: (
    kernel: string,
    inputs: unknown,
    outputs: unknown,
    gradient: unknown,
    saved: ReadonlyArray<Tensor>,
    attributes: unknown,
  ) => void
}

let ordered = false

/**
 * Puts an operation on the tape before the clones of its outputs that its gradient uses. The library has it the other way round, so
 * that the clones seem to come from nowhere, and the second derivative of `tf.exp` or `tf.tanh` is 0.
 */
export const orderTape = (): void => {
  if (ordered) return // another backend is open
  ordered = true
  const engine = tf.engine() as unknown as Taping
  const add = engine.addTapeNode
  engine.addTapeNode = function (this: Taping, ...given) {
    add.apply(this, given)
    const tape = tf.engine().state.activeTape
    const saved = given[4].length
    if (saved > 0) tape.splice(tape.length - 1 - saved, 0, tape.pop()!)
  }
}
