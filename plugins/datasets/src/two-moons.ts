/** Two interleaved half circles. */
import { Count, NonNegative, orElse } from "@relent/named"
import { Stage } from "@relent/stage"
import { Points } from "./schemas.ts"

/**
 * Points on two half circles of radius 1, the second upside down and shifted by (1, 1/2), with normal noise.
 *
 * @reference none: a folklore toy
 */
export const twoMoons = Stage.make("datasets/two-moons", {
  module: import.meta.url,
  title: "Two interleaved half circles, two classes",
  uses: ["random"],
  parameters: {
    rows: orElse(Count.annotate({ description: "points in all" }), 1000),
    noise: orElse(NonNegative.annotate({ description: "standard deviation of the noise" }), 0.1),
  },
  outputs: { data: Points },
  sizes: () => ({ features: 2 }),
  *run({ parameters: { rows, noise }, random }) {
    const draws = random("points")
    const label = Int32Array.from({ length: rows }, (_, i) => i % 2)
    const x = new Float32Array(rows * 2)
    for (let i = 0; i < rows; i++) {
      const angle = Math.PI * draws.uniform()
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      x[2 * i] = (label[i] === 0 ? cos : 1 - cos) + noise * draws.normal()
      x[2 * i + 1] = (label[i] === 0 ? sin : 0.5 - sin) + noise * draws.normal()
    }
    return { data: Points.make({ id: Int32Array.from(label.keys()), x, label }) }
  },
})
