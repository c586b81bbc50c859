/** Adam on a few numbers in float64. */

export interface AdamState {
  readonly parameters: Float64Array
  /** Moving averages of the gradient and of its square. */
  readonly first: Float64Array
  readonly second: Float64Array
}

export const startOf = (parameters: Float64Array): AdamState => ({
  parameters,
  first: new Float64Array(parameters.length),
  second: new Float64Array(parameters.length),
})

const [beta1, beta2, epsilon] = [0.9, 0.99, 1e-8]

/**
 * m = b1 m + (1-b1) g, v = b2 v + (1-b2) g^2, w = w - rate m^ / (sqrt(v^) + eps), with m^ = m / (1-b1^t), v^ = v / (1-b2^t);
 * `step` counts from 1.
 *
 * @reference kingma2015adam
 */
export const adam = (
  { parameters, first, second }: AdamState,
  gradient: ReadonlyArray<number>,
  step: number,
  rate: number,
): AdamState => {
  const m = first.map((v, i) => beta1 * v + (1 - beta1) * gradient[i]!)
  const v = second.map((v, i) => beta2 * v + (1 - beta2) * gradient[i]! ** 2)
  return {
    parameters: parameters.map(
      (w, i) => w - (rate * (m[i]! / (1 - beta1 ** step))) / (Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon),
    ),
    first: m,
    second: v,
  }
}
