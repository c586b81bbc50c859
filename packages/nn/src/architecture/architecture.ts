/** What makes a network of layers: its shape as data, its layers, and how they are applied. */
import { type Tensor, type Tree } from "@relent/tensor"
import { Schema } from "effect"
import type { Layers } from "../layer/plan.ts"

export interface Architecture<Shape> {
  /** The shape in the header of a table; the number of members stands beside it. */
  readonly fields: { readonly [field in Exclude<keyof Shape, "members">]: Schema.Codec<Shape[field], any> }
  /**
   * Its layers in order: what is drawn, and what a model that was read must have.
   *
   * @throws LayerInvalid for a shape that no layers have.
   */
  readonly layers: (shape: Omit<Shape, "members">) => Layers
  /** What it gives, `[members, batch, ...]`, of `[members or 1, batch, inputs]`. */
  readonly apply: (shape: Omit<Shape, "members">, tree: Tree, x: Tensor) => Tensor
  /** Numbers of a row of inputs, of a member's outputs for it, and of multiplications in between. */
  readonly row: (shape: Omit<Shape, "members">) => Row
}

export interface Row {
  readonly inputs: number
  readonly outputs: number
  readonly products: number
}

export const count = Schema.Int.check(Schema.isGreaterThan(0))

/** How many multiplications dense layers of these widths take. */
export const denseProducts = (widths: ReadonlyArray<number>): number =>
  widths.slice(1).reduce((sum, width, l) => sum + width * widths[l]!, 0)
