/** States of a system that is seen through a few numbers: these numbers now, and before. */

/**
 * `s_t = (x_t, x_{t-1}, ..., x_{t-delays+1})` of values `[times, columns]`: states `[times - delays + 1, delays, columns]`, the newest
 * values first.
 *
 * @reference takens1981
 */
export const embed = (values: Float64Array, columns: number, delays: number): Float32Array => {
  const states = values.length / columns - delays + 1
  const features = delays * columns
  const out = new Float32Array(states * features)
  for (let s = 0; s < states; s++)
    for (let lag = 0; lag < delays; lag++) {
      const time = s + delays - 1 - lag
      out.set(values.subarray(time * columns, (time + 1) * columns), s * features + lag * columns)
    }
  return out
}

interface Cut {
  readonly features: number
  /** Steps of a trajectory; it has one state more. */
  readonly steps: number
  /** States between two starts. */
  readonly stride: number
}

/** Trajectories `[count, steps + 1, features]` of states that follow each other; what is left over at the end is in none. */
export const trajectoriesOf = (states: Float32Array, { features, steps, stride }: Cut) => {
  const size = (steps + 1) * features
  const count = Math.floor((states.length / features - steps - 1) / stride) + 1
  const x = new Float32Array(count * size)
  for (let t = 0; t < count; t++) x.set(states.subarray(t * stride * features, t * stride * features + size), t * size)
  return { id: Int32Array.from({ length: count }, (_, i) => i), x }
}
