/** Two Gaussians far apart. */
import { Count, NonNegative, orElse } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { Clustered } from "./tables.ts"

/**
 * Points in the plane, as many from `N((c, c), s^2 I)` as from `N((-c, -c), s^2 I)`: clusters 0 and 1.
 *
 * @reference yu2024csib
 */
export const twoGaussians = Stage.make("koopman-ib/two-gaussians", {
  module: import.meta.url,
  title: "Points of two Gaussians, as many of each",
  uses: ["random"],
  parameters: {
    rows: orElse(Count.annotate({ description: "points of each Gaussian" }), 100),
    center: orElse(Schema.Finite.annotate({ description: "both coordinates of the first mean" }), 4),
    deviation: orElse(NonNegative.annotate({ description: "standard deviation of each" }), 1),
  },
  outputs: { data: Clustered },
  sizes: () => ({ features: 2 }),
  *run({ parameters: { rows, center, deviation }, random }) {
    const label = Int32Array.from({ length: 2 * rows }, (_, i) => (i < rows ? 0 : 1))
    const x = random("points")
      .normals(4 * rows)
      .map((noise, i) => (i < 2 * rows ? center : -center) + deviation * noise)
    return { data: Clustered.make({ id: Int32Array.from(label.keys()), x, label }) }
  },
})
