/** What an optimiser is: a pure pair of functions on trees. */
import { Family, NonNegative, orElse, Positive } from "@relent/named"
import type { Tree } from "@relent/tensor"
import { Schema } from "effect"

export interface Updated {
  readonly parameters: Tree
  readonly state: Tree
}

/** Where the training stands: what numbers of a step depend on. */
export interface At {
  /** From 1. */
  readonly step: number
  readonly learningRate: number
}

/**
 * `init` gives the state for some parameters, `update` the parameters and the state after a step. Every tensor has a leading axis
 * of members that don't touch each other. An update is recorded once: numbers that differ from step to step are its `rates`, computed
 * in float64 and given to it as scalars.
 *
 * @reference deepmind2020jax
 */
export interface Optimizer {
  readonly init: (parameters: Tree) => Tree
  readonly rates: (at: At) => { readonly [name: string]: number }
  readonly update: (parameters: Tree, gradients: Tree, state: Tree, rates: Tree) => Updated
}

/** Optimisers by name, `adam` or `{ sgd: { momentum: 0.9 } }`. */
export const Optimizer = Family.make<Optimizer>("optimizer")

const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true }))

/** A parameter in [0, 1). */
export const decayRate = (value: number) => orElse(share, value)
/** A parameter above 0. */
export const positive = (value: number) => orElse(Positive, value)
/** A parameter of at least 0. */
export const notNegative = (value: number) => orElse(NonNegative, value)
export const flag = (value: boolean) => orElse(Schema.Boolean, value)
