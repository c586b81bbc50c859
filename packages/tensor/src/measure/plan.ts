/** What is measured, and what follows from times: without a device and without a clock. */

/** How long one turn of a measurement may take, in milliseconds: nothing synchronous lasts long. */
export const turn = 40
/** Turns of a measurement; the quickest counts, since whatever else the machine does only takes time. */
export const turns = 3

/** Floating-point operations of the product of two matrices `[size, size]`. */
export const productOperations = (size: number): number => 2 * size ** 3

/** Widths of the perceptron whose training step is timed, and the rows of its batch where a step doesn't take too long. */
export const widths = [784, 256, 10] as const
export const wantedBatch = 128

/** Operations of the products in a training step: an output and a gradient a layer, and what the second hands back to the first. */
export const stepOperations = (batch: number): number => {
  const [inputs, hidden, classes] = widths
  return 2 * batch * (2 * inputs * hidden + 3 * hidden * classes)
}

/** 10^9 operations a second. */
export const gflops = (operations: number, milliseconds: number): number => operations / milliseconds / 1e6

/** How often something that takes so long is done in a turn: from 1 to 1000 times. */
export const timesInTurn = (milliseconds: number): number =>
  Math.max(1, Math.min(1000, Math.floor(turn / Math.max(milliseconds, 1e-3))))

/** Not worth running more often. */
export const isSlow = (milliseconds: number): boolean => milliseconds > 4 * turn

/** The size of product to try next, twice the last while one fits in a turn, up to 1024; the last itself at the end. */
export const nextSize = (size: number, milliseconds: number): number =>
  size < 1024 && 8 * milliseconds <= turn ? 2 * size : size

/** Rows of a batch: 128, or as many as make a step fit in a turn at this speed; at least 8. */
export const batchFor = (speed: number): number => {
  let batch = wantedBatch
  while (batch > 8 && stepOperations(batch) / speed / 1e6 > turn) batch /= 2
  return batch
}
