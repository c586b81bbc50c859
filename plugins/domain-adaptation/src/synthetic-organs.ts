/** Images to learn and to adapt on. */
import { Count, orElse } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { SegmentedImages } from "./images.ts"
import { drawScene, scanners, side } from "./organs.ts"

/**
 * Grey images of 20 x 20 with an ellipse in three of four, as one of two scanners shows them. An image depends on its number alone.
 *
 * @reference none: a miniature
 */
export const syntheticOrgans = Stage.make("domain-adaptation/synthetic-organs", {
  module: import.meta.url,
  title: "Synthetic images of an organ, with masks, of a source and a target domain",
  uses: ["random"],
  parameters: {
    rows: orElse(Count, 120),
    domain: orElse(
      Schema.Literals(["source", "target"]).annotate({
        description: "the target is darker and shaded, with about half the contrast",
      }),
      "source" as const,
    ),
  },
  outputs: { images: SegmentedImages },
  sizes: () => ({ height: side, width: side, classes: 2 }),
  *run({ parameters: { rows, domain }, random }) {
    const pixels = side * side
    const image = new Float32Array(rows * pixels)
    const mask = new Uint8Array(rows * pixels)
    const tags = new Uint8Array(2 * rows)
    for (let row = 0; row < rows; row++) {
      const scene = drawScene(random("scene", row))
      image.set(scanners[domain](scene.base, random("scan", row)), row * pixels)
      mask.set(scene.mask, row * pixels)
      tags.set([scene.mask.includes(0) ? 1 : 0, scene.mask.includes(1) ? 1 : 0], 2 * row)
    }
    const id = Int32Array.from({ length: rows }, (_, row) => row)
    return {
      images: SegmentedImages.make({ id, image, mask, tags }, { sizes: { height: side, width: side, classes: 2 } }),
    }
  },
})
